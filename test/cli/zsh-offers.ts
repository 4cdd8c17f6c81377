/** What zsh offers: an interactive zsh on a terminal of its own, whose completion tells what it was about to show. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Installation } from '../support/installation.js';

/** In the zsh that completes: each match is written to a file, and a dot after each word. */
const inside = `
autoload -U compinit && compinit -u -D
source ./script
compadd() {
  local -a hits
  if [[ \${@[1,(i)(-|--)]} != *-(O|A|D)\\ * ]]; then
    builtin compadd -O hits "$@"
    print -rl -- $hits >>offers
  fi
  builtin compadd "$@"
}
zle -C offer .list-choices _main_complete
ended() { zle offer; print . >>offers; BUFFER= }
zle -N ended
bindkey '^X' ended
print . >>offers
`;

/** In the zsh that types. It waits for a dot after each word, and reads what the terminal shows, so that it is never full. */
const outside = `
zmodload zsh/zpty
: >offers
dots=0
settle() {
  dots=$((dots + 1))
  for ((tries = 0; tries < 400; tries++)); do
    while zpty -rt other shown 2>/dev/null; do :; done
    (( $(grep -c '^\\.$' offers) >= dots )) && return
    sleep 0.02
  done
  exit 1
}
zpty other zsh -f -i
zpty -w other 'source ./inside'
settle
while IFS= read -r typed; do
  zpty -w -n other "$typed"$'\\x18'
  settle
done <typed
zpty -d other
`;

/** The offers for each of the lines, sorted. The file "script" in the folder is the completion. */
export async function zshOffers(
  made: Installation,
  zsh: string,
  lines: readonly string[],
): Promise<string[][]> {
  const write = (name: string, text: string) => writeFileSync(join(made.folder, name), text);
  write('inside', inside);
  write('typed', `${lines.join('\n')}\n`);
  const { code, stdout, stderr } = await made.exec(zsh, ['-f', '-c', `${outside}\ncat offers`], {
    TERM: 'dumb',
  });
  if (code !== 0) throw new Error(`zsh ended with ${code}: ${stderr}`);
  const parts = stdout.toString().split(/^\.\n/m).slice(1, -1);
  return parts.map((text) => [...new Set(text.split('\n').filter((line) => line !== ''))].sort());
}
