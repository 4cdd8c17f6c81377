/**
 * States: the one table of the session (RFC 5321 section 4.1.4). Everything that moves a session from one state to
 * another stands here; session.ts asks the table and knows no order of its own.
 */
import { type Reply, replies } from './replies.js';

export type State =
  /** Connected; the application has not answered yet, and no greeting was sent. */
  | 'greeting'
  /** STARTTLS was accepted: nothing is read before the connection is secured. */
  | 'securing'
  /** Greeted; waiting for a hello. */
  | 'hello'
  /** No transaction is open. */
  | 'ready'
  /** MAIL was accepted. */
  | 'mail'
  /** At least one recipient was accepted. */
  | 'recipients'
  /** 354 was sent: what comes is content. */
  | 'content'
  /** BDAT was accepted: chunks of content, or commands between them. */
  | 'chunks'
  | 'closed';

export type Step =
  /** The application answered the connection. */
  | 'greet'
  /** EHLO, HELO or LHLO. */
  | 'hello'
  /** STARTTLS. */
  | 'startTls'
  /** The handshake is done. */
  | 'secured'
  /** XCLIENT. */
  | 'xclient'
  | 'mail'
  | 'recipient'
  /** DATA. */
  | 'content'
  /** BDAT. */
  | 'chunk'
  /** The content's true end, or a refused DATA. */
  | 'finish'
  | 'reset'
  /** NOOP, HELP, VRFY, and all that is refused whatever the state. */
  | 'talk'
  /** QUIT, a refused greeting, 421, time-outs, the peer's end. */
  | 'close';

const { helloFirst, mailFirst, mailAlready, noRecipients, notInTransaction, chunksBegun } = replies;

/** State → step → the state after it, or the refusal of a command out of order. A step that is missing cannot occur. */
export const table: Record<State, Partial<Record<Step, State | Reply>>> = {
  greeting: { greet: 'hello', close: 'closed' },
  securing: { secured: 'hello', close: 'closed' },
  hello: {
    hello: 'ready',
    startTls: helloFirst,
    xclient: 'greeting',
    mail: helloFirst,
    recipient: helloFirst,
    content: helloFirst,
    chunk: helloFirst,
    reset: 'hello',
    talk: 'hello',
    close: 'closed',
  },
  ready: {
    hello: 'ready',
    startTls: 'securing',
    xclient: 'greeting',
    mail: 'mail',
    recipient: mailFirst,
    content: mailFirst,
    chunk: mailFirst,
    reset: 'ready',
    talk: 'ready',
    close: 'closed',
  },
  mail: {
    hello: 'ready',
    startTls: notInTransaction,
    xclient: notInTransaction,
    mail: mailAlready,
    recipient: 'recipients',
    content: noRecipients,
    chunk: noRecipients,
    reset: 'ready',
    talk: 'mail',
    close: 'closed',
  },
  recipients: {
    hello: 'ready',
    startTls: notInTransaction,
    xclient: notInTransaction,
    mail: mailAlready,
    recipient: 'recipients',
    content: 'content',
    chunk: 'chunks',
    finish: 'ready',
    reset: 'ready',
    talk: 'recipients',
    close: 'closed',
  },
  content: { finish: 'ready', close: 'closed' },
  chunks: {
    hello: 'ready',
    startTls: notInTransaction,
    xclient: notInTransaction,
    mail: mailAlready,
    recipient: chunksBegun,
    content: chunksBegun,
    chunk: 'chunks',
    finish: 'ready',
    reset: 'ready',
    talk: 'chunks',
    close: 'closed',
  },
  closed: { close: 'closed' },
};

/** Whether a transaction is open. */
export function inTransaction(state: State): boolean {
  return state === 'mail' || state === 'recipients' || state === 'content' || state === 'chunks';
}
