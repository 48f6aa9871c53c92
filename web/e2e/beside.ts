// What is done in the database, beside the server under test.
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

interface Outcome {
  seq: number;
  was: [number, number];
  is: [number, number];
  committed_at: number;
}

const root = fileURLToPath(new URL('../..', import.meta.url));

/** A server that runs already names its database in DATABASE_URL. */
export const reachesDatabase = !process.env.YIZHAN_URL || Boolean(process.env.DATABASE_URL);

/** Moves a station a little, and tells from where to where. */
export async function moveStation(code: string): Promise<Outcome> {
  const where = process.env.YIZHAN_URL ? [] : ['-data', process.env.YIZHAN_E2E_DATA ?? ''];
  const args = ['run', './internal/e2eedit', ...where, '-station', code];
  const { stdout } = await promisify(execFile)('go', args, { cwd: root });
  return JSON.parse(stdout) as Outcome;
}
