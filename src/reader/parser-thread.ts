/** The thread in which messages are taken apart. It knows nothing but the one message that it gets. */
import { parentPort } from 'node:worker_threads';
import { takeApart } from './message.js';

parentPort?.on('message', (content: Uint8Array) => {
  takeApart(content).then(
    (message) =>
      parentPort?.postMessage(
        { message },
        message.attachments.map((part) => part.content.buffer as ArrayBuffer),
      ),
    (error: unknown) => parentPort?.postMessage({ fault: error instanceof Error ? error.message : '' }),
  );
});
