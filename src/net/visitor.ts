/** Visitor: what is known of the other end of a connection, and what that means for the limits. */
import type { Client } from '../smtp/mail-service.js';

export interface Visitor {
  readonly client: Client;
  /** Where limits per network count it; empty where there is no address. */
  readonly network: string;
  /** A neighbour: not made to wait for greetings or refusals, and not counted by rate. */
  readonly spared: boolean;
}
