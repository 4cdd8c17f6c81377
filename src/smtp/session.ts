/** Session: one SMTP conversation without a socket. Bytes and answers go in, events and bytes come out. */

import type { MailParameters } from './address.js';
import { type Chunk, readChunk } from './chunk.js';
import { type Command, readCommand } from './command.js';
import { CommandLines } from './command-lines.js';
import type { Event, Question } from './events.js';
import { type ContentForm, IncomingContent } from './incoming-content.js';
import { Input } from './input.js';
import { refusalBeforeTls, refusalOfVerb } from './offered.js';
import { Output } from './output.js';
import { Reply, replies } from './replies.js';
import { readRequest, stepOf, stepOfQuestion } from './request.js';
import type { SessionSettings } from './settings.js';
import { inTransaction, type State, type Step, table } from './states.js';

const abort: Event = { type: 'abort' };
const reset: Event = { type: 'reset' };
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

  readonly #input = new Input();
  readonly #output = new Output();
  #peerEnded = false;
  #firstLine = true;

  #question: Question | undefined;
  /** An event that follows the one just given out. */
  #later: Event | undefined;
  #errors = 0;
  #refusedRecipients = 0;

  #mails = 0;
  /** Commands that moved no mail, since the last accepted one. */
  #talk = 0;

  /** Of the open transaction: what MAIL asked for, RCPT commands, accepted recipients. */
  #smtpUtf8 = false;
  #binary = false;
  #named = 0;
  #recipients = 0;
  /** There is one in the states "content" and "chunks" only. */
  #incoming: IncomingContent | undefined;
  /** A chunk whose octets are coming in. */
  #chunk: Chunk | undefined;

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

  /** Whether what the client sends next is content, in whatever form. */
  get receivesContent(): boolean {
    return this.#state === 'content' || this.#chunk !== undefined;
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
    this.#input.add(bytes);
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
      if (this.#output.length >= outputAtOnce) return undefined;
      let event: Event | undefined;
      if (this.#chunk?.left === 0) event = this.#chunkEnd(this.#chunk);
      else if (this.#incoming?.ended) event = this.#contentEnd(this.#incoming);
      else if (this.#input.ready) event = this.#read();
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
    const chunked = this.#chunk !== undefined && question.type === 'content';
    if (chunked && reply.code !== 421) {
      this.#openChunks(reply);
      return;
    }
    if (question.type === 'end' && this.#settings.protocol === 'lmtp') {
      const all = answer === undefined || answer instanceof Reply ? [] : answer;
      for (let index = 0; index < this.#recipients; index++) this.#output.say(all[index] ?? reply);
    } else if (question.type !== 'xclient' || !reply.positive) this.#output.say(reply);
    if (question.type === 'end' && reply.positive) this.#talk = 0;
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
    if (reply !== undefined) this.#output.say(reply);
    this.#close();
  }

  /** The bytes to send: all replies since the last call. */
  takeOutput(): Uint8Array | undefined {
    return this.#output.take();
  }

  #dismiss(reply: Reply): undefined {
    this.hangUp(reply);
  }

  /** Refuses what the client did wrong itself; one that goes on like that is sent away. */
  #fault(reply: Reply): undefined {
    this.#output.say(reply);
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
    this.#input.forget();
    this.#lines = new CommandLines(this.#settings.limits.commandLine);
  }

  #close(): void {
    const coming = this.#incoming;
    const unfinished = coming !== undefined && coming.verdict === undefined && this.#question === undefined;
    this.#move('close');
    this.#incoming = undefined;
    this.#chunk = undefined;
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
    if (step === 'recipient') this.#recipients += 1;
    if (step === 'content') this.#openContent('dotted');
    if (step !== 'finish') return;
    this.#incoming = undefined;
    this.#forgetTransaction();
  }

  #refused(question: Question, reply: Reply): void {
    if (question.type === 'content') {
      this.#move('finish');
      this.#forgetTransaction();
      this.#later = reset;
    }
    if (question.type !== 'recipient' || !reply.permanent) return;
    this.#refusedRecipients += 1;
    if (this.#refusedRecipients >= this.#settings.limits.refusedRecipients)
      this.hangUp(replies.tooManyErrors);
  }

  #command(): Event | undefined {
    const input = this.#input;
    if (this.#firstLine && this.#lines.empty && input.bytes[input.at] === tlsHandshake)
      return this.#dismiss(replies.otherProtocol);
    const line = this.#lines.read(input.bytes, input.at);
    input.at = this.#lines.at;
    if (line === undefined) return undefined;
    const first = this.#firstLine;
    this.#firstLine = false;
    if (line instanceof Reply) return this.#refuseLine(line);
    // PROXY version 2 begins with an empty line, and a mail client does not.
    if (first && line.length === 0) return this.#dismiss(replies.otherProtocol);
    const command = readCommand(line);
    if (command instanceof Reply) return this.#refuseLine(command);
    if (command.verb === 'BDAT') return this.#beginChunk(command);
    const refusal = refusalOfVerb(command.verb, this.#settings, this.#secured);
    if (refusal === replies.otherProtocol) return this.#dismiss(refusal);
    const step = stepOf[command.verb];
    const misplaced = refusal ?? this.#misplaced(step);
    if (misplaced !== undefined) return this.#fault(misplaced);
    if (step === 'mail') this.#mails += 1;
    if (this.#mails > this.#settings.limits.mails) return this.#dismiss(replies.tooManyMails);
    const given = { secured: this.#secured, smtpUtf8: this.#smtpUtf8, binary: this.#binary };
    const request = readRequest(command, this.#settings.limits, given);
    if (step === 'hello' || step === 'talk' || step === 'reset') this.#talk += 1;
    if (this.#talk > this.#settings.limits.talk) return this.#dismiss(replies.tooMuchTalk);
    if (!(request instanceof Reply)) return this.#request(request);
    if (step === 'close' && request.code !== replies.badArguments.code) return this.#dismiss(request);
    if (!request.positive) return this.#fault(request);
    this.#output.say(request);
    return step === 'reset' ? this.#reset() : undefined;
  }

  /** Why a step may not be taken now. */
  #misplaced(step: Step): Reply | undefined {
    const to = table[this.#state][step];
    return refusalBeforeTls(step, this.#settings, this.#secured) ?? (to instanceof Reply ? to : undefined);
  }

  #request(question: Question): Event | undefined {
    if (question.type === 'recipient' && this.#named >= this.#settings.limits.recipients) {
      this.#output.say(replies.tooManyRecipients);
      return undefined;
    }
    if (question.type === 'recipient') this.#named += 1;
    if (question.type === 'mail') this.#openTransaction(question.parameters);
    this.#ask(question);
    // A hello in mid-transaction resets first (RFC 5321 section 4.1.4).
    const before = question.type === 'hello' ? this.#reset() : undefined;
    if (before !== undefined) this.#later = question;
    return before ?? question;
  }

  #reset(): Event | undefined {
    const had = this.inTransaction;
    const coming = this.#incoming;
    this.#move('reset');
    this.#incoming = undefined;
    this.#forgetTransaction();
    // A content with a verdict was aborted before.
    if (coming !== undefined) return coming.verdict === undefined ? abort : undefined;
    return had ? reset : undefined;
  }

  #read(): Event | undefined {
    const coming = this.#incoming;
    if (this.#chunk !== undefined) {
      const octets = this.#input.take(this.#chunk.left);
      this.#chunk.left -= octets.length;
      if (coming === undefined || this.#chunk.refusal !== undefined) return undefined;
      const open = coming.verdict === undefined;
      return this.#given(coming, open, coming.takeChunk(octets));
    }
    if (coming === undefined || this.#state !== 'content') return this.#command();
    const open = coming.verdict === undefined;
    const bytes = coming.take(this.#input.bytes, this.#input.at);
    this.#input.at = coming.at;
    return this.#given(coming, open, bytes);
  }

  #given(coming: IncomingContent, open: boolean, bytes: Buffer): Event | undefined {
    if (open && coming.verdict !== undefined) this.#later = abort;
    return bytes.length > 0 ? { type: 'chunk', bytes } : undefined;
  }

  #contentEnd(coming: IncomingContent): Event | undefined {
    if (coming.verdict === undefined) return this.#ask({ type: 'end' });
    const times = this.#settings.protocol === 'lmtp' ? this.#recipients : 1;
    for (let index = 0; index < times; index++) this.#output.say(coming.verdict);
    this.#accepted('finish');
    return undefined;
  }

  /** BDAT: whatever is wrong with it, its octets are read first. */
  #beginChunk(command: Command): Event | undefined {
    const chunk = readChunk(command.text);
    if (chunk === undefined) return this.#dismiss(replies.unreadableChunk);
    if (chunk.left === 0 && !chunk.last) this.#talk += 1;
    if (this.#talk > this.#settings.limits.talk) return this.#dismiss(replies.tooMuchTalk);
    const refusal = this.#misplaced('chunk') ?? chunk.refusal;
    this.#chunk = { left: chunk.left, last: chunk.last, refusal };
    if (refusal !== undefined || this.#incoming !== undefined) return undefined;
    return this.#ask({ type: 'content' });
  }

  /** The application's answer to the first chunk. A refusal is said when its octets were read, and stands for all that follow. */
  #openChunks(reply: Reply): void {
    this.#move('chunk');
    this.#openContent(this.#binary ? 'binary chunks' : 'chunks');
    if (reply.positive) return;
    this.#incoming?.refuse(reply);
    this.#later = reset;
  }

  #chunkEnd(chunk: Chunk): Event | undefined {
    const coming = this.#incoming;
    this.#chunk = undefined;
    if (chunk.refusal !== undefined) return this.#fault(chunk.refusal);
    if (coming === undefined) return undefined;
    if (!chunk.last) {
      this.#output.say(coming.verdict ?? replies.ok);
      return undefined;
    }
    const open = coming.verdict === undefined;
    coming.endChunks();
    const event = this.#contentEnd(coming);
    return open && coming.verdict !== undefined ? abort : event;
  }

  #openContent(form: ContentForm): void {
    this.#incoming = new IncomingContent(this.#settings.limits, form);
  }

  #openTransaction(parameters: MailParameters): void {
    this.#smtpUtf8 = parameters.smtpUtf8 === true;
    this.#binary = parameters.body === 'BINARYMIME';
  }

  #forgetTransaction(): void {
    this.#smtpUtf8 = false;
    this.#binary = false;
    this.#named = 0;
    this.#recipients = 0;
  }

  /** A line of which nothing was understood. */
  #refuseLine(reply: Reply): undefined {
    return reply.code === 421 ? this.#dismiss(reply) : this.#fault(reply);
  }
}
