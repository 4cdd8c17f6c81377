/** The thread in which messages are taken apart. It knows nothing but the one message that it gets. */
import { parentPort } from 'node:worker_threads';
import { takeApart } from './message.js';
import type { ParserJob } from './parser.js';
import { joinAtOnce } from './quick-blob.js';

joinAtOnce();

parentPort?.on('message', ({ content, withoutHtml }: ParserJob) => {
  takeApart(content).then(
    (message) =>
      parentPort?.postMessage(
        { message: withoutHtml ? { ...message, html: '' } : message },
        message.attachments.map((part) => part.content.buffer as ArrayBuffer),
      ),
    (error: unknown) => parentPort?.postMessage({ fault: error instanceof Error ? error.message : '' }),
  );
});
