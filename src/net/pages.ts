/** Pages: a few texts over HTTP, for programs of this machine that look after the server. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { Problem } from '../core/errors.js';
import type { ListenAddress } from './listener.js';
import { parseNetworks } from './networks.js';

export interface Page {
  readonly status: 200 | 503;
  readonly type: string;
  readonly body: string;
}

/** Path → what stands there now. */
export type Pages = Readonly<Record<string, () => Page | Promise<Page>>>;

const loopback = parseNetworks(['127.0.0.0/8', '::1']);
/** A name in its place would be one that a web page chose, to read what is on this machine (DNS rebinding). */
const localHost = /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d{1,5})?$/i;

/** Bound, and asked for nothing until `serve`. */
export class PagesListener {
  readonly address: ListenAddress;
  readonly #close: () => Promise<void>;
  readonly #serve: (pages: Pages) => void;

  private constructor(address: ListenAddress, serve: (pages: Pages) => void, close: () => Promise<void>) {
    this.address = address;
    this.#serve = serve;
    this.#close = close;
  }

  /** Throws a Problem if the address cannot be had, or if other machines could reach it. */
  static async bind(listen: ListenAddress): Promise<PagesListener> {
    let pages: Pages = {};
    const server = createServer({ maxHeaderSize: 8192, headersTimeout: 5000, requestTimeout: 5000 });
    server.maxConnections = 32;
    server.keepAliveTimeout = 5000;
    server.on('clientError', (_, socket) => socket.destroy());
    server.on('request', (request, response) => {
      void answer(request, response, pages, !('path' in listen)).catch(() => response.destroy());
    });
    await new Promise<void>((done, fail) => {
      const refused = (error: NodeJS.ErrnoException) =>
        fail(new Problem('failure', `cannot listen for figures on ${shown(listen)}: ${error.code}`));
      server.once('error', refused);
      server.listen(listen, () => {
        // A connection that cannot be accepted is nobody's fault here.
        server.off('error', refused).on('error', () => undefined);
        done();
      });
    });
    const close = () =>
      new Promise<void>((done) => {
        server.close(() => done());
        server.closeAllConnections();
      });
    const bound = server.address();
    if (typeof bound === 'object' && bound !== null && !loopback.has(bound.address)) {
      await close();
      throw new Problem(
        'usage',
        `${bound.address}: figures are for this machine; write 127.0.0.1:PORT, [::1]:PORT or unix:PATH`,
      );
    }
    const address =
      typeof bound === 'object' && bound !== null ? { host: bound.address, port: bound.port } : listen;
    return new PagesListener(address, (given) => (pages = given), close);
  }

  serve(pages: Pages): void {
    this.#serve(pages);
  }

  close(): Promise<void> {
    return this.#close();
  }
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  pages: Pages,
  checksHost: boolean,
): Promise<void> {
  const { method, url = '', headers } = request;
  const end = (status: number, body: string, type = 'text/plain; charset=utf-8') => {
    response.writeHead(status, { 'Content-Type': type, 'Cache-Control': 'no-store' });
    response.end(method === 'HEAD' ? undefined : body);
  };
  if (checksHost && !localHost.test(headers.host ?? '')) return end(403, 'for this machine only\n');
  if (method !== 'GET' && method !== 'HEAD') return end(405, 'only GET\n');
  const page = Object.hasOwn(pages, url) ? pages[url] : undefined;
  if (!page) return end(404, 'nothing here\n');
  const { status, type, body } = await page();
  end(status, body, type);
}

function shown(address: ListenAddress): string {
  if ('path' in address) return `unix:${address.path}`;
  return 'fd' in address ? `descriptor ${address.fd}` : `${address.host}:${address.port}`;
}
