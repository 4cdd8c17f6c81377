/** Refusals: connections that are told why they are not served, and kept just long enough to read it. */
import type { Socket } from 'node:net';
import type { Reply } from '../smtp/replies.js';

export class Refusals {
  readonly #most: number;
  readonly #sockets = new Set<Socket>();
  #before: readonly Socket[] = [];

  /** `connections`: how many are served; a tenth as many, at least 5, may be refused at a time, and more are closed without a word. */
  constructor(connections: number) {
    this.#most = Math.max(Math.ceil(connections / 10), 5);
  }

  refuse(socket: Socket, reply: Reply): void {
    socket.on('error', () => undefined);
    if (this.#sockets.size >= this.#most) {
      socket.destroy();
      return;
    }
    this.#sockets.add(socket);
    socket.on('close', () => this.#sockets.delete(socket));
    socket.end(reply.bytes);
    socket.resume();
  }

  /** One second has passed: those that are there since the last one have had their time. */
  tick(): void {
    for (const socket of this.#before) socket.destroy();
    this.#before = [...this.#sockets];
  }

  cutOff(): void {
    for (const socket of this.#sockets) socket.destroy();
  }
}
