/** Message lines: a message as it stands on a terminal. Nothing in it can move the cursor, recolour or reorder. */
import type { Message, Part } from '../reader/message.js';
import { visibleLine, visibleText } from '../reader/visible.js';
import { counted } from './counted.js';

/** Parts that are named one by one; of more only the number is told. */
const mostNamed = 200;

/** `sealed` says how it came, `keys` who opens mail for its address. */
export function messageLines(message: Message, sealed: string, keys: string): string[] {
  const { headers, attachments } = message;
  const lines = [
    ...headers.map(({ name, value }) => label(name) + visibleLine(value)),
    label('Sealed') + visibleLine(sealed),
    label('Keys') + visibleLine(keys),
    '',
    message.text.trim() === '' && attachments.length === 0
      ? '(no readable text found; --raw shows all there is)'
      : visibleText(message.text),
  ];
  if (attachments.length > 0) lines.push('', ...attachments.slice(0, mostNamed).map(attachmentLine));
  if (attachments.length > mostNamed) lines.push(`and ${attachments.length - mostNamed} attachments more`);
  return lines;
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

/** Octets in five characters: "  512", " 5.1k", "  20M". */
export function size(octets: number): string {
  const units = ['', 'k', 'M', 'G'];
  let value = octets;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  const digits = unit > 0 && value < 9.95 ? value.toFixed(1) : String(Math.round(value));
  return `${digits}${units[unit]}`.padStart(5);
}
