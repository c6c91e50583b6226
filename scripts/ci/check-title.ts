/** Whether the title of a pull request, in SPEAKR_TITLE, is a conventional commit: it becomes one. */
import { titleProblem } from '../release/conventional-commit.ts';

const problem = titleProblem(process.env.SPEAKR_TITLE ?? '');
if (problem !== undefined) {
  process.stderr.write(`${problem}\n`);
  process.exitCode = 1;
}
