/**
 * In the workflow, when something failed: takes back what was published of this release. The draft or release and its
 * files go; packages that are out already cannot be replaced under the same version, so they are deprecated, and `latest`
 * was not moved before everything else had worked. Images are removed, and `latest` goes back to the release before. The
 * tag stays: it names what was tried.
 */
import { imageName, imageTargets } from '../images/builder.ts';
import { registriesOf, takeBackImage } from '../images/publication.ts';
import { environment } from './environment.ts';
import { npmAuthorized } from './npm.ts';
import { packageNames } from './packages.ts';
import { runTool } from './run-tool.ts';

const { tag, repository } = environment();
const version = tag.slice(1);

async function attempt(what: string, work: () => unknown): Promise<void> {
  try {
    await work();
    process.stdout.write(`✔ ${what}\n`);
  } catch (error) {
    process.stdout.write(`– not so: ${what}: ${(error as Error).message.split('\n')[0]}\n`);
  }
}

await attempt('the release is gone', () =>
  runTool('gh', ['release', 'delete', tag, '--repo', repository, '--yes']),
);
for (const name of packageNames)
  await attempt(`${name} ${version} is marked`, () =>
    npmAuthorized(['deprecate', `${name}@${version}`, 'This release was taken back; use another version.']),
  );
for (const registry of registriesOf(repository))
  for (const image of imageTargets.map(imageName))
    await attempt(`${registry.place}/${image} ${version} is taken back`, () =>
      takeBackImage(registry, image, version),
    );
