import { request } from 'node:http';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import type { ListenAddress } from '../../src/net/listener.js';
import { PagesListener } from '../../src/net/pages.js';
import { withFolder } from '../support/folder.js';
import { assert, suite } from '../support/suite.js';

interface Asked {
  readonly method?: string;
  readonly host?: string;
}

function ask(
  address: ListenAddress,
  path: string,
  { method = 'GET', host }: Asked = {},
): Promise<[number, string]> {
  const where = 'path' in address ? { socketPath: address.path } : 'port' in address ? address : {};
  return new Promise((done, fail) => {
    const headers = host === undefined ? {} : { Host: host };
    const asked = request({ ...where, path, method, headers, agent: false }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (text: string) => (body += text));
      response.on('end', () => done([response.statusCode ?? 0, body]));
    });
    asked.on('error', fail);
    asked.end();
  });
}

suite('pages', (test) => {
  const pages = {
    '/a': () => ({ status: 200 as const, type: 'text/plain', body: 'a' }),
    '/b': async () => ({ status: 503 as const, type: 'text/plain', body: 'b' }),
  };

  test('something else is given out than the pages, or to a page of the web that took the name of this machine', async () => {
    const listener = await PagesListener.bind({ host: '127.0.0.1', port: 0 });
    try {
      assert.is((await ask(listener.address, '/a'))[0], 404, 'before anything is there');
      listener.serve(pages);
      assert.equal(await ask(listener.address, '/a'), [200, 'a']);
      assert.equal(await ask(listener.address, '/b'), [503, 'b']);
      assert.equal(await ask(listener.address, '/a', { method: 'HEAD' }), [200, '']);
      assert.is((await ask(listener.address, '/a', { method: 'POST' }))[0], 405);
      for (const path of ['/', '/a/', '/a?x', '/toString', '/__proto__', '//a'])
        assert.is((await ask(listener.address, path))[0], 404, path);
      for (const host of ['evil.example', 'localhost.evil.example', '127.0.0.1.evil.example'])
        assert.is((await ask(listener.address, '/a', { host }))[0], 403, host);
      for (const host of ['localhost', 'LOCALHOST:9465', '127.0.0.1:1', '[::1]:1'])
        assert.is((await ask(listener.address, '/a', { host }))[0], 200, host);
    } finally {
      await listener.close();
    }
  });

  test('other machines reach them', async () => {
    const own = Object.values(networkInterfaces()).flatMap((all) => all ?? []);
    const others = own
      .filter(({ internal, family }) => !internal && family === 'IPv4')
      .map(({ address }) => address);
    for (const host of ['0.0.0.0', ...others.slice(0, 1)]) {
      const found = await PagesListener.bind({ host, port: 0 }).then(
        () => undefined,
        (error: Error) => error.message,
      );
      assert.match(found ?? '', /figures are for this machine; write 127\.0\.0\.1:PORT/);
    }
    await withFolder(async (folder) => {
      const listener = await PagesListener.bind({ path: join(folder, 'socket') });
      listener.serve(pages);
      assert.equal(await ask(listener.address, '/a', { host: 'any' }), [200, 'a']);
      const second = await PagesListener.bind({ path: join(folder, 'socket') }).catch(
        (error: Error) => error,
      );
      assert.match((second as Error).message, /cannot listen for figures on unix:.*: EADDRINUSE/);
      await listener.close();
    });
  });
});
