/** A content as mbox and Maildir have it: trace fields on top, lines that end with LF, and so that it can be undone. */
import type { SegmentIndex } from '../blocks.js';
import type { Mail } from '../mail.js';
import { FromQuoting, UnixLines } from './lines.js';
import { type OpenedMessage, openMessage } from './open-message.js';
import { asctime, type Form, traceFields, usualForm } from './trace-fields.js';

/** The form turned out to be another while the content was written: begin anew with this one. */
export class OtherForm extends Error {
  constructor(readonly form: Form) {
    super('the content stands in another form');
  }
}

/** One file of a Maildir, piece by piece. Throws OtherForm, and FormatError behind pieces that were exchanged. */
export async function* maildirFile(
  index: SegmentIndex,
  mail: Mail,
  form: Form = usualForm,
): AsyncGenerator<Uint8Array> {
  yield* withFields(mail, await openMessage(index, mail), form);
}

/** One mail of an mbox, from its From_ line to the empty line behind it. Throws as `maildirFile`. */
export async function* mboxMail(
  index: SegmentIndex,
  mail: Mail,
  form: Form = usualForm,
  open: typeof openMessage = openMessage,
): AsyncGenerator<Uint8Array> {
  const opened = await open(index, mail);
  yield Buffer.from(`From ${sender(opened.prelude?.from ?? '')} ${asctime(mail.receivedAt)}\n`);
  const quoting = new FromQuoting();
  let last: number | undefined;
  for await (const piece of withFields(mail, opened, form))
    for (const part of quoting.write(piece))
      if (part.length > 0) {
        last = part.at(-1);
        yield part;
      }
  const end = quoting.end();
  yield end;
  const endsLine = (end.at(-1) ?? last) === 0x0a;
  if (endsLine === form.noFinalLineEnd) throw new OtherForm({ ...form, noFinalLineEnd: !endsLine });
  yield Buffer.from(endsLine ? '\n' : '\n\n');
}

async function* withFields(
  mail: Mail,
  { prelude, content }: OpenedMessage,
  form: Form,
): AsyncGenerator<Uint8Array> {
  const { id, receivedAt, envelope } = mail;
  yield Buffer.from(traceFields({ id, receivedAt, recipient: envelope.recipient, prelude }, form));
  const lines = new UnixLines();
  for await (const piece of content) {
    const written = form.asIs ? piece : lines.write(piece);
    if (lines.hasBareLf) throw new OtherForm({ ...form, asIs: true });
    yield written;
  }
  yield lines.end();
}

/** The reverse-path as one word of printable ASCII: programs split the line at spaces. */
function sender(path: string): string {
  return path === '' ? 'MAILER-DAEMON' : path.slice(0, 320).replace(/[^!-~]/g, '?');
}
