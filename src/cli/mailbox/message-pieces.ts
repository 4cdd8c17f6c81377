/** Message pieces: a message as it stands on a terminal. Nothing in it can move the cursor, recolour or reorder. */
import { type Message, mostText, type Part } from '../../reader/message.js';
import { piecesOf, visibleLine, visibleText } from '../../reader/visible.js';
import { counted } from '../terminal/counted.js';
import { size } from './shown-size.js';

/** Parts that are named one by one; of more only the number is told. */
const mostNamed = 200;

/** Piece by piece, as hidden characters take eight times as much. `sealed` says how it came, `keys` who opens mail for its address. */
export function* messagePieces(message: Message, sealed: string, keys: string): Generator<string> {
  const { headers, attachments } = message;
  for (const { name, value } of headers) yield `${label(name)}${visibleLine(value)}\n`;
  yield `${label('Sealed')}${visibleLine(sealed)}\n${label('Keys')}${visibleLine(keys)}\n\n`;
  if (message.text.trim() === '' && attachments.length === 0)
    yield '(no readable text found; --raw shows all there is)';
  else for (const piece of piecesOf(message.text)) yield visibleText(piece);
  yield '\n';
  if (message.isCut) yield `\n(this is the beginning, ${mostText / 2 ** 20} MiB; --raw shows all there is)\n`;
  if (attachments.length > 0) yield '\n';
  for (const [index, part] of attachments.slice(0, mostNamed).entries())
    yield `${attachmentLine(part, index)}\n`;
  if (attachments.length > mostNamed) yield `and ${attachments.length - mostNamed} attachments more\n`;
}

function attachmentLine({ name, type, content }: Part, index: number): string {
  return visibleLine(
    `Attachment ${index + 1}: ${name ? `"${name}"` : '(no name)'}, ${type}, ${sizeInWords(content.length)}`,
  );
}

function label(name: string): string {
  return `${name}:`.padEnd(10);
}

/** "8 bytes", "5.1 kB", "20 MB". */
function sizeInWords(octets: number): string {
  const [, number = '', unit = ''] = /^ *([\d.]+)([kMG]?)$/.exec(size(octets)) ?? [];
  return unit === '' ? counted(octets, 'byte') : `${number} ${unit}B`;
}
