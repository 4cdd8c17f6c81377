/** List files: --allow and --deny. */
import { Problem } from '../../core/errors.js';
import { openRegular } from '../../journal/regular-file.js';
import { emptyList, type List, parseList } from '../../server/list-policy.js';

export interface ListFiles {
  readonly allow: string | undefined;
  readonly deny: string | undefined;
}

export interface Lists {
  readonly allow: List;
  readonly deny: List;
}

export const noLists: Lists = { allow: emptyList, deny: emptyList };

export function listPaths({ allow, deny }: ListFiles): readonly string[] {
  return [allow, deny].filter((path) => path !== undefined);
}

/** Throws a Problem that names the file, and the line. */
export async function readLists({ allow, deny }: ListFiles): Promise<Lists> {
  const read = async (path: string | undefined): Promise<List> =>
    path === undefined ? emptyList : parseList(await readText(path), path);
  return { allow: await read(allow), deny: await read(deny) };
}

/** The text of a file that people write. Throws a Problem that names it. */
export async function readText(path: string): Promise<string> {
  try {
    const file = await openRegular(path);
    return await file.readFile('utf8').finally(() => file.close());
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new Problem('failure', `${path}: the list cannot be read (${code}); name a file that is there`);
  }
}
