/** What every mail transfer agent in this folder can do: take messages in, and hand them on by SMTP or LMTP. */
import type { Delivered, Mail } from './mail-client.js';

/** Where a relay hands its mail over. `tls`: only over TLS, whatever the certificate. */
export interface Target {
  readonly protocol: 'smtp' | 'lmtp';
  readonly to: { readonly port: number } | { readonly path: string };
  readonly tls?: boolean;
}

/** A relay that runs, with its own folder for everything that it writes. */
export interface RunningRelay {
  /** Where it has everything; its configuration in `config`, if that is a folder. */
  readonly folder: string;
  /** Hands a message to the relay, and resolves when the next server has taken or refused it. The mail's port is not used. */
  deliver(mail: Omit<Mail, 'port'>): Promise<Delivered>;
  /** What it wrote to its log. */
  log?(): Promise<string>;
  /** Ends all its processes, and removes its folder. */
  stop(): Promise<void>;
}

/** A mail transfer agent that people run. Each adds lines at the top of the header, and nothing else. */
export interface MailRelay {
  readonly name: string;
  /** Why it cannot run here, or undefined. */
  missing(): string | undefined;
  /** `configuration`: what a guide prints, in place of what routes all mail to the target. */
  start(target: Target, configuration?: string): Promise<RunningRelay>;
}
