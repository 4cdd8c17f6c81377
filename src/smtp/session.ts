/** Session: one SMTP conversation without a socket. Bytes and answers go in, events and bytes come out. */
import { concat, view } from '../core/bytes.js';
import { readCommand, type Verb } from './command.js';
import { CommandLines } from './command-lines.js';
import type { Event, Question } from './events.js';
import { IncomingContent } from './incoming-content.js';
import { Reply, replies } from './replies.js';
import { readRequest, stepOf } from './request.js';
import type { SessionSettings } from './settings.js';
import { inTransaction, type State, type Step, table } from './states.js';

const stepOfQuestion: Record<Question['type'], Step> = {
  connect: 'greet',
  hello: 'hello',
  startTls: 'startTls',
  xclient: 'xclient',
  mail: 'mail',
  recipient: 'recipient',
  content: 'content',
  end: 'finish',
};

/** What may be said before TLS where TLS is required. */
const beforeTls: ReadonlySet<Step> = new Set<Step>([
  'hello',
  'startTls',
  'xclient',
  'reset',
  'talk',
  'close',
]);

const abort: Event = { type: 'abort' };
const reset: Event = { type: 'reset' };
const empty: Buffer = Buffer.alloc(0);
/** First octet of a TLS record that opens a handshake. */
const tlsHandshake = 0x16;
/** Octets of replies that may wait to be taken before no further command is looked at. */
const outputAtOnce = 16_384;

/** The server's side of one session. What the client sends never decides how much memory it takes. */
export class Session {
  readonly #settings: SessionSettings;
  #secured: boolean;
  #lines: CommandLines;
  #state: State = 'greeting';

  #input = empty;
  #at = 0;
  readonly #moreInput: Buffer[] = [];
  #peerEnded = false;
  #firstLine = true;
  #output: Uint8Array[] = [];
  #outputLength = 0;

  #question: Question | undefined;
  /** An event that follows the one just given out. */
  #later: Event | undefined;
  #errors = 0;
  #refusedRecipients = 0;

  /** Accepted recipients of the open transaction. */
  #recipients = 0;
  /** There is one in the state "content" only. */
  #incoming: IncomingContent | undefined;

  /** `secured`: TLS is there from the beginning. */
  constructor(settings: SessionSettings, { secured = false } = {}) {
    this.#settings = settings;
    this.#secured = secured;
    this.#lines = new CommandLines(settings.limits.commandLine);
  }

  get state(): State {
    return this.#state;
  }

  /** Whether MAIL was accepted, and neither end nor reset has come yet. */
  get inTransaction(): boolean {
    return inTransaction(this.#state);
  }

  /** Faulty, unknown or misplaced commands so far. */
  get faults(): number {
    return this.#errors;
  }

  /** Recipients that were refused for good so far. */
  get refusedRecipients(): number {
    return this.#refusedRecipients;
  }

  /** Bytes from the client. They must not change until they are used up: chunk events are views of them. */
  receive(bytes: Uint8Array): void {
    if (this.#state === 'closed' || this.#state === 'securing') return;
    this.#moreInput.push(view(bytes));
  }

  /**
   * The handshake that STARTTLS asked for is done. All that was known of the client is forgotten (RFC 3207 section 4.2):
   * it says hello again.
   */
  secured(): void {
    this.#move('secured');
    this.#secured = true;
    this.#peerEnded = false;
  }

  /** The client will send no more. What it sent is still dealt with; a content without its end is aborted. */
  end(): void {
    this.#peerEnded = true;
  }

  /** What happened next; undefined when bytes, an answer, or the taking of output must come first. */
  next(): Event | undefined {
    for (;;) {
      const later = this.#later;
      if (later !== undefined) {
        this.#later = undefined;
        return later;
      }
      if (this.#question !== undefined || this.#state === 'closed' || this.#state === 'securing')
        return undefined;
      if (this.#state === 'greeting') return this.#ask({ type: 'connect' });
      if (this.#outputLength >= outputAtOnce) return undefined;
      let event: Event | undefined;
      if (this.#incoming?.ended) event = this.#contentEnd(this.#incoming);
      else if (this.#at < this.#input.length || this.#nextInput())
        event = this.#incoming !== undefined ? this.#content(this.#incoming) : this.#command();
      else if (this.#peerEnded) this.#close();
      else return undefined;
      if (event !== undefined) return event;
    }
  }

  /**
   * The application's answer to the open question: nothing for yes, or a reply. The end of a content is answered with
   * one reply for each accepted recipient; over SMTP the first one stands for all. 421 ends the session.
   */
  answer(answer?: Reply | readonly Reply[]): void {
    const question = this.#question;
    if (question === undefined) return;
    this.#question = undefined;
    const given =
      answer === undefined || answer instanceof Reply ? answer : (answer[0] ?? replies.localError);
    const reply = given ?? this.#yes(question);
    if (question.type === 'end' && this.#settings.protocol === 'lmtp') {
      const all = answer === undefined || answer instanceof Reply ? [] : answer;
      for (let index = 0; index < this.#recipients; index++) this.#say(all[index] ?? reply);
    } else if (question.type !== 'xclient' || !reply.positive) this.#say(reply);
    if (reply.code === 421 || (question.type === 'connect' && !reply.positive)) this.#close();
    else if (question.type === 'end' || reply.positive) this.#accepted(stepOfQuestion[question.type]);
    else this.#refused(question, reply);
  }

  /** The application cannot take more of this content: the rest is swallowed, then comes this reply. No abort follows. */
  refuse(reply: Reply): void {
    this.#incoming?.refuse(reply);
    this.#later = undefined;
  }

  /** Ends the session now: with a last reply, if any, and an abort if a content was coming in. An open question falls away. */
  hangUp(reply?: Reply): void {
    if (this.#state === 'closed') return;
    if (reply !== undefined) this.#say(reply);
    this.#close();
  }

  /** The bytes to send: all replies since the last call. */
  takeOutput(): Uint8Array | undefined {
    const output = this.#output;
    if (output.length === 0) return undefined;
    this.#output = [];
    this.#outputLength = 0;
    return output.length === 1 ? output[0] : concat(...output);
  }

  #dismiss(reply: Reply): undefined {
    this.hangUp(reply);
  }

  #nextInput(): boolean {
    const bytes = this.#moreInput.shift();
    this.#input = bytes ?? empty;
    this.#at = 0;
    return bytes !== undefined;
  }

  #say(reply: Reply): void {
    this.#output.push(reply.bytes);
    this.#outputLength += reply.bytes.length;
  }

  /** Refuses what the client did wrong itself; one that goes on like that is sent away. */
  #fault(reply: Reply): undefined {
    this.#say(reply);
    this.#errors += 1;
    if (this.#errors >= this.#settings.limits.errors) this.hangUp(replies.tooManyErrors);
  }

  #move(step: Step): void {
    const to = table[this.#state][step];
    if (to === undefined || to instanceof Reply) throw new Error(`no step ${step} from state ${this.#state}`);
    this.#state = to;
  }

  /** What came behind STARTTLS in plaintext was not said inside TLS, whoever said it. */
  #forgetInput(): void {
    this.#moreInput.length = 0;
    this.#input = empty;
    this.#at = 0;
    this.#lines = new CommandLines(this.#settings.limits.commandLine);
  }

  #close(): void {
    const coming = this.#incoming;
    const unfinished = coming !== undefined && coming.verdict === undefined && this.#question === undefined;
    this.#move('close');
    this.#incoming = undefined;
    this.#question = undefined;
    this.#later = unfinished ? abort : undefined;
    this.#forgetInput();
  }

  #ask(question: Question): Question {
    this.#question = question;
    return question;
  }

  #yes(question: Question): Reply {
    switch (question.type) {
      case 'connect':
        return this.#settings.greeting;
      case 'hello':
        if (!question.extended) return this.#settings.helo;
        return this.#secured ? this.#settings.securedEhlo : this.#settings.ehlo;
      case 'startTls':
        return replies.readyForTls;
      case 'xclient':
        return replies.ok;
      case 'mail':
        return replies.reversePathOk;
      case 'recipient':
        return replies.recipientOk;
      case 'content':
        return replies.sendContent;
      case 'end':
        return replies.ok;
    }
  }

  #accepted(step: Step): void {
    this.#move(step);
    if (step === 'startTls') this.#forgetInput();
    if (step === 'mail') this.#recipients = 0;
    if (step === 'recipient') this.#recipients += 1;
    if (step === 'content') this.#incoming = new IncomingContent(this.#settings.limits.content);
    if (step === 'finish') this.#incoming = undefined;
  }

  #refused(question: Question, reply: Reply): void {
    if (question.type === 'content') {
      this.#move('finish');
      this.#later = reset;
    }
    if (question.type !== 'recipient' || !reply.permanent) return;
    this.#refusedRecipients += 1;
    if (this.#refusedRecipients >= this.#settings.limits.refusedRecipients)
      this.hangUp(replies.tooManyErrors);
  }

  #command(): Event | undefined {
    if (this.#firstLine && this.#lines.empty && this.#input[this.#at] === tlsHandshake)
      return this.#dismiss(replies.otherProtocol);
    const line = this.#lines.read(this.#input, this.#at);
    this.#at = this.#lines.at;
    if (line === undefined) return undefined;
    const first = this.#firstLine;
    this.#firstLine = false;
    if (line instanceof Reply) return this.#fault(line);
    // PROXY version 2 begins with an empty line, and a mail client does not.
    if (first && line.length === 0) return this.#dismiss(replies.otherProtocol);
    const command = readCommand(line);
    if (command instanceof Reply) return this.#fault(command);
    const unoffered = this.#unoffered(command.verb);
    if (unoffered === replies.otherProtocol) return this.#dismiss(unoffered);
    if (unoffered !== undefined) return this.#fault(unoffered);
    const step = stepOf[command.verb];
    if (this.#settings.requiresTls && !this.#secured && !beforeTls.has(step))
      return this.#fault(replies.tlsFirst);
    const to = table[this.#state][step];
    if (to instanceof Reply) return this.#fault(to);
    const request = readRequest(command, this.#settings.limits);
    if (!(request instanceof Reply)) return this.#request(request);
    if (step === 'close' && request.code !== replies.badArguments.code) return this.#dismiss(request);
    if (!request.positive) return this.#fault(request);
    this.#say(request);
    return step === 'reset' ? this.#reset() : undefined;
  }

  /** The refusal of a verb that this session does not have. */
  #unoffered(verb: Verb): Reply | undefined {
    const { protocol, offersTls, takesXclient } = this.#settings;
    if (verb === 'LHLO') return protocol === 'lmtp' ? undefined : replies.notOffered;
    if (verb === 'HELO' || verb === 'EHLO') return protocol === 'smtp' ? undefined : replies.notOffered;
    if (verb === 'XCLIENT') return takesXclient ? undefined : replies.otherProtocol;
    if (verb !== 'STARTTLS') return undefined;
    if (this.#secured) return replies.alreadySecured;
    return offersTls ? undefined : replies.notOffered;
  }

  #request(question: Question): Event | undefined {
    if (question.type === 'recipient' && this.#recipients >= this.#settings.limits.recipients) {
      this.#say(replies.tooManyRecipients);
      return undefined;
    }
    this.#ask(question);
    // A hello in mid-transaction resets first (RFC 5321 section 4.1.4).
    const before = question.type === 'hello' ? this.#reset() : undefined;
    if (before !== undefined) this.#later = question;
    return before ?? question;
  }

  #reset(): Event | undefined {
    const had = this.inTransaction;
    this.#move('reset');
    return had ? reset : undefined;
  }

  #content(coming: IncomingContent): Event | undefined {
    const open = coming.verdict === undefined;
    const bytes = coming.take(this.#input, this.#at);
    this.#at = coming.at;
    if (open && coming.verdict !== undefined) this.#later = abort;
    return bytes.length > 0 ? { type: 'chunk', bytes } : undefined;
  }

  #contentEnd(coming: IncomingContent): Event | undefined {
    if (coming.verdict === undefined) return this.#ask({ type: 'end' });
    const times = this.#settings.protocol === 'lmtp' ? this.#recipients : 1;
    for (let index = 0; index < times; index++) this.#say(coming.verdict);
    this.#accepted('finish');
    return undefined;
  }
}
