/** What a workflow says of itself. */
export interface Environment {
  /** `v1.2.3` */
  readonly tag: string;
  /** `owner/name` */
  readonly repository: string;
  readonly repositoryUrl: string;
}

/** @throws Error when it is not there */
export function environment(env: NodeJS.ProcessEnv = process.env): Environment {
  const {
    SPEAKR_TAG: tag,
    GITHUB_REPOSITORY: repository,
    GITHUB_SERVER_URL: server = 'https://github.com',
  } = env;
  if (tag === undefined || !/^v\d+\.\d+\.\d+$/.test(tag))
    throw new Error('SPEAKR_TAG is no tag of a release.');
  if (repository === undefined) throw new Error('GITHUB_REPOSITORY is not set.');
  return { tag, repository, repositoryUrl: `${server}/${repository}` };
}
