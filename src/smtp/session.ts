/** Session: one SMTP conversation without a socket. Bytes and answers go in, events and bytes come out. */

import { type Chunk, readChunk } from './chunk.js';
import type { Command } from './command.js';
import { CommandReader } from './command-reader.js';
import type { Event, Question } from './events.js';
import { Input } from './input.js';
import { interpret, misplaced, type Standing } from './interpret.js';
import { Output } from './output.js';
import { Reply, replies } from './replies.js';
import { stepOfQuestion } from './request.js';
import type { SessionSettings } from './settings.js';
import { inTransaction, type State, type Step, table } from './states.js';
import { Tally } from './tally.js';
import { Transaction } from './transaction.js';
import { yes } from './yes.js';

const abort: Event = { type: 'abort' };
const reset: Event = { type: 'reset' };
/** Octets of replies that may wait to be taken before no further command is looked at. */
const outputAtOnce = 16_384;

/** The server's side of one session. What the client sends never decides how much memory it takes. */
export class Session {
  readonly #settings: SessionSettings;
  #secured: boolean;
  readonly #commands: CommandReader;
  #state: State = 'greeting';

  readonly #input = new Input();
  readonly #output: Output;
  #peerEnded = false;

  #question: Question | undefined;
  /** An event that follows the one just given out. */
  #later: Event | undefined;
  readonly #tally: Tally;
  /** The one that is open, or a new one that waits for its MAIL. */
  #transaction: Transaction;

  /** `secured`: TLS is there from the beginning. */
  constructor(settings: SessionSettings, { secured = false } = {}) {
    this.#settings = settings;
    this.#secured = secured;
    this.#output = new Output(settings.onReply);
    this.#tally = new Tally(settings.limits);
    this.#transaction = new Transaction(settings.limits);
    this.#commands = new CommandReader(settings.limits.commandLine);
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
    return this.#transaction.receives;
  }

  /** Faulty, unknown or misplaced commands so far. */
  get faults(): number {
    return this.#tally.faults;
  }

  /** Recipients that were refused for good so far. */
  get refusedRecipients(): number {
    return this.#tally.refusedRecipients;
  }

  /** Bytes from the client. They must not change until they are used up: chunk events are views of them. */
  receive(bytes: Uint8Array): void {
    if (this.#state === 'closed' || this.#state === 'securing') return;
    this.#input.add(bytes);
  }

  /** The bytes that were given are about to change: copies what of them is not used up. */
  keep(): void {
    this.#input.keep();
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
      const { chunk, content } = this.#transaction;
      if (chunk?.left === 0) event = this.#chunkEnd(chunk);
      else if (content?.ended) event = this.#contentEnd(content.verdict);
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
    const reply = given ?? yes(question, this.#settings, this.#secured);
    const chunked = this.#transaction.chunk !== undefined && question.type === 'content';
    if (chunked && reply.code !== 421) {
      this.#openChunks(reply);
      return;
    }
    if (question.type === 'end' && this.#settings.protocol === 'lmtp') {
      const all = answer === undefined || answer instanceof Reply ? [] : answer;
      // A refusal may stand for all; a yes only for whom it was said.
      const otherwise = all.length > 0 && reply.positive ? replies.localError : reply;
      this.#output.sayEach(this.#transaction.recipients, otherwise, all);
    } else if (question.type !== 'xclient' || !reply.positive) this.#output.say(reply);
    if (question.type === 'end' && reply.positive) this.#tally.moved();
    if (reply.code === 421 || (question.type === 'connect' && !reply.positive)) this.#close();
    else if (question.type === 'end' || reply.positive) this.#accepted(stepOfQuestion[question.type]);
    else this.#refused(question, reply);
  }

  /** The application cannot take more of this content: the rest is swallowed, then comes this reply. No abort follows. */
  refuse(reply: Reply): void {
    this.#transaction.refuse(reply);
    this.#later = undefined;
  }

  /** Ends the session now: with a last reply, if any, and an abort if a content was coming in. An open question falls away. */
  hangUp(reply?: Reply): undefined {
    if (this.#state === 'closed') return;
    if (reply !== undefined) this.#output.say(reply);
    this.#close();
  }

  /** The bytes to send: all replies since the last call. */
  takeOutput(): Uint8Array | undefined {
    return this.#output.take();
  }

  /** Refuses what the client did wrong itself. 421 ends the session; one that goes on like that is sent away too. */
  #refuse(reply: Reply): undefined {
    if (reply.code === 421) return this.hangUp(reply);
    this.#output.say(reply);
    const last = this.#tally.fault();
    if (last !== undefined) this.hangUp(last);
  }

  #move(step: Step): void {
    const to = table[this.#state][step];
    if (to === undefined || to instanceof Reply) throw new Error(`no step ${step} from state ${this.#state}`);
    this.#state = to;
  }

  /** What came behind STARTTLS in plaintext was not said inside TLS, whoever said it. */
  #forgetInput(): void {
    this.#input.forget();
    this.#commands.forget();
  }

  #close(): void {
    const unfinished = this.#transaction.open && this.#question === undefined;
    this.#move('close');
    this.#forgetTransaction();
    this.#question = undefined;
    this.#later = unfinished ? abort : undefined;
    this.#forgetInput();
  }

  #ask(question: Question): Question {
    this.#question = question;
    return question;
  }

  #accepted(step: Step): void {
    this.#move(step);
    if (step === 'startTls') this.#forgetInput();
    if (step === 'recipient') this.#transaction.recipients += 1;
    if (step === 'content') this.#transaction.beginDotted();
    if (step === 'finish') this.#forgetTransaction();
  }

  #refused(question: Question, reply: Reply): void {
    if (question.type === 'content') {
      this.#move('finish');
      this.#forgetTransaction();
      this.#later = reset;
    }
    let last: Reply | undefined;
    if (question.type === 'startTls') last = this.#tally.fault();
    if (question.type === 'recipient' && reply.permanent) last = this.#tally.refusedRecipient();
    if (last !== undefined) this.hangUp(last);
  }

  #command(): Event | undefined {
    const command = this.#commands.read(this.#input);
    if (command === undefined) return undefined;
    if (command instanceof Reply) return this.#refuse(command);
    if (command.verb === 'BDAT') return this.#beginChunk(command);
    const outcome = interpret(command, this.#standing);
    if ('fault' in outcome) return this.#refuse(outcome.fault);
    if ('question' in outcome) return this.#request(outcome.question);
    if (outcome.step === 'close') return this.hangUp(outcome.reply);
    this.#output.say(outcome.reply);
    return outcome.step === 'reset' ? this.#reset() : undefined;
  }

  get #standing(): Standing {
    return {
      settings: this.#settings,
      state: this.#state,
      secured: this.#secured,
      tally: this.#tally,
      transaction: this.#transaction,
    };
  }

  #request(question: Question): Event | undefined {
    if (question.type === 'recipient') this.#transaction.named += 1;
    if (question.type === 'mail')
      this.#transaction = new Transaction(this.#settings.limits, question.parameters);
    this.#ask(question);
    // A hello in mid-transaction resets first (RFC 5321 section 4.1.4).
    const before = question.type === 'hello' ? this.#reset() : undefined;
    if (before !== undefined) this.#later = question;
    return before ?? question;
  }

  #reset(): Event | undefined {
    const had = this.inTransaction ? reset : undefined;
    const { content } = this.#transaction;
    this.#move('reset');
    this.#forgetTransaction();
    if (content === undefined) return had;
    // A content with a verdict was aborted before.
    return content.verdict === undefined ? abort : undefined;
  }

  #read(): Event | undefined {
    if (!this.#transaction.receives) return this.#command();
    const { bytes, spoilt } = this.#transaction.take(this.#input);
    if (spoilt) this.#later = abort;
    return bytes.length > 0 ? { type: 'chunk', bytes } : undefined;
  }

  #contentEnd(verdict: Reply | undefined): Event | undefined {
    if (verdict === undefined) return this.#ask({ type: 'end' });
    this.#output.sayEach(this.#settings.protocol === 'lmtp' ? this.#transaction.recipients : 1, verdict);
    this.#accepted('finish');
    return undefined;
  }

  /** BDAT: whatever is wrong with it, its octets are read first. */
  #beginChunk(command: Command): Event | undefined {
    const chunk = readChunk(command.text);
    if (chunk === undefined) return this.#refuse(replies.unreadableChunk);
    const tooMuch = chunk.left === 0 && !chunk.last ? this.#tally.talk() : undefined;
    if (tooMuch !== undefined) return this.#refuse(tooMuch);
    const outOfOrder = misplaced('chunk', this.#standing);
    this.#transaction.chunk = { ...chunk, refusal: outOfOrder ?? chunk.refusal };
    if (outOfOrder !== undefined) return undefined;
    if (chunk.refusal !== undefined) return this.#spoilChunks(chunk.refusal);
    return this.#transaction.content === undefined ? this.#ask({ type: 'content' }) : undefined;
  }

  /** A chunk is refused: without it the content would have a hole, whatever follows. */
  #spoilChunks(reply: Reply): Event | undefined {
    const { content, open } = this.#transaction;
    if (content === undefined) {
      this.#move('chunk');
      this.#transaction.beginChunks();
    }
    this.#transaction.refuse(reply);
    if (content === undefined) return reset;
    return open ? abort : undefined;
  }

  /** The application's answer to the first chunk. A refusal is said when its octets were read, and stands for all that follow. */
  #openChunks(reply: Reply): void {
    this.#move('chunk');
    this.#transaction.beginChunks();
    if (reply.positive) return;
    this.#transaction.refuse(reply);
    this.#later = reset;
  }

  #chunkEnd(chunk: Chunk): Event | undefined {
    const { content } = this.#transaction;
    this.#transaction.chunk = undefined;
    if (chunk.refusal !== undefined) return this.#refuse(chunk.refusal);
    if (content === undefined) return undefined;
    if (!chunk.last) {
      this.#output.say(content.verdict ?? replies.ok);
      return undefined;
    }
    const open = content.verdict === undefined;
    content.endChunks();
    const event = this.#contentEnd(content.verdict);
    return open && content.verdict !== undefined ? abort : event;
  }

  #forgetTransaction(): void {
    this.#transaction = new Transaction(this.#settings.limits);
  }
}
