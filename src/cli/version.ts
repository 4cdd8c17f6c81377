/** Version: what the package says. */
import { readFileSync } from 'node:fs';

const packageFile = new URL('../../../package.json', import.meta.url);

export function versionOf(): string {
  return (JSON.parse(readFileSync(packageFile, 'utf8')) as { version: string }).version;
}
