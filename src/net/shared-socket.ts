/** Shared socket: an address that is bound here, and listened on by other processes only. */
import { lookup } from 'node:dns/promises';
import { _createServerHandle, isIP } from 'node:net';
import { getSystemErrorName } from 'node:util';
import { cannotListen, checkSocketPath, type Endpoint, type ListenAddress } from './listener.js';

/** What Node's own cluster binds by. A listening `Server` would take connections here too. */
interface BoundHandle {
  readonly fd: number;
  getsockname(name: { address?: string; port?: number }): number;
  close(): void;
}

declare module 'net' {
  function _createServerHandle(
    address: string,
    port: number,
    family: 4 | 6 | -1,
    fd?: number,
    flags?: number,
  ): BoundHandle | number;
}

export class SharedSocket {
  /** With the host and port that were really bound. */
  readonly address: ListenAddress;
  /** To be inherited by the processes that listen. */
  readonly fd: number;
  readonly #handle: BoundHandle | undefined;

  private constructor(address: ListenAddress, fd: number, handle: BoundHandle | undefined) {
    this.address = address;
    this.fd = fd;
    this.#handle = handle;
  }

  /** Throws a Problem if the address cannot be had. A descriptor that was passed is taken as it is. */
  static async bind(address: ListenAddress): Promise<SharedSocket> {
    const { protocol = 'smtp' } = address;
    if ('fd' in address) return new SharedSocket({ ...address, protocol }, address.fd, undefined);
    if ('path' in address) {
      checkSocketPath(address.path);
      return new SharedSocket(
        { ...address, protocol },
        ...must(_createServerHandle(address.path, -1, -1), address),
      );
    }
    const host = await resolve(address.host, address);
    const made = _createServerHandle(host, address.port, isIP(host) === 6 ? 6 : 4, undefined, 0);
    const [fd, handle] = must(made, address);
    // A port in use is told only now.
    const name: { address?: string; port?: number } = {};
    const fault = handle.getsockname(name);
    if (fault < 0) {
      handle.close();
      throw cannotListen(address, getSystemErrorName(fault));
    }
    return new SharedSocket(
      { protocol, host: name.address ?? host, port: name.port ?? address.port },
      fd,
      handle,
    );
  }

  /** Nobody can connect any more, once the others have closed it too. */
  async close(): Promise<void> {
    this.#handle?.close();
  }
}

function must(made: BoundHandle | number, address: Endpoint): readonly [number, BoundHandle] {
  if (typeof made === 'number') throw cannotListen(address, getSystemErrorName(made));
  return [made.fd, made];
}

async function resolve(host: string, address: Endpoint): Promise<string> {
  if (isIP(host) !== 0) return host;
  const found = await lookup(host).catch((error: NodeJS.ErrnoException) => {
    throw cannotListen(address, error.code ?? '');
  });
  return found.address;
}
