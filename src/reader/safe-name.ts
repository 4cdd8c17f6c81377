/** Safe names: a file name made from what a sender called an attachment. It stays in its folder, and is what it looks like. */
import { visibleLine } from './visible.js';

/** Octets of a name; file systems take 255, and a number may be put in. */
const longest = 200;
/** Devices of Windows, whatever follows the first dot: somebody may copy the folder there. */
const device = /^(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$)$/i;
/** The ending for a part that has no name. */
const endings: Readonly<Record<string, string>> = {
  'application/pdf': 'pdf',
  'application/zip': 'zip',
  'image/gif': 'gif',
  'image/jpeg': 'jpg',
  'image/png': 'png',
  'message/rfc822': 'eml',
  'text/calendar': 'ics',
  'text/html': 'html',
  'text/plain': 'txt',
};

/** `number`: which attachment it is, for one without a name. */
export function safeName(name: string, type: string, number: number): string {
  const last = name.normalize('NFC').split(/[/\\]/).at(-1) ?? '';
  const shown = visibleLine(last)
    .replace(/‹U\+[0-9A-F]+›/g, '_')
    .replace(/[<>:"|?*]/g, '_')
    // No hidden file, no option of a command, nothing that Windows cuts off.
    .replace(/^[\s.]+/, '')
    .replace(/[\s.]+$/, '')
    .replace(/^-/, '_');
  if (shown === '') return `attachment-${number}.${endings[type] ?? 'bin'}`;
  const whole = device.test(shown.split('.')[0]?.trim() ?? '') ? `_${shown}` : shown;
  return shortened(whole);
}

/** The same name with a number: "report (2).pdf". */
export function numberedName(name: string, number: number): string {
  const dot = name.lastIndexOf('.');
  return dot <= 0 ? `${name} (${number})` : `${name.slice(0, dot)} (${number})${name.slice(dot)}`;
}

/** Cut in the middle, so that the ending stays. */
function shortened(name: string): string {
  if (Buffer.byteLength(name) <= longest) return name;
  const dot = name.lastIndexOf('.');
  const ending = dot > 0 && Buffer.byteLength(name.slice(dot)) <= 20 ? name.slice(dot) : '';
  let kept = '';
  for (const character of name.slice(0, name.length - ending.length)) {
    if (Buffer.byteLength(kept + character + ending) > longest) break;
    kept += character;
  }
  return kept.trimEnd() + ending;
}
