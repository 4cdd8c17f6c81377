/** Answers: what an application or a policy gives back, held against the contract: not everybody who answers writes TypeScript. */
import { Reply } from './replies.js';

/** Something answered with what is no answer to the question. */
export class StrangeAnswer extends Error {}

/** A reply, or nothing. Throws StrangeAnswer for anything else. */
export function replyOrNothing(answer: unknown): Reply | undefined {
  if (answer === undefined || answer === null) return undefined;
  if (answer instanceof Reply) return answer;
  throw new StrangeAnswer('an answer that is neither a Reply nor nothing');
}

/** A refusal, or nothing. Yes is said by the engine, in the words that belong to the question. */
export function refusalOrNothing(answer: unknown): Reply | undefined {
  const reply = replyOrNothing(answer);
  if (reply?.positive) throw new StrangeAnswer('a policy that accepts says nothing');
  return reply;
}

/** The replies to a content's end, at least one. */
export function repliesToContent(answer: unknown): readonly Reply[] {
  if (Array.isArray(answer) && answer.length > 0 && answer.every((one) => one instanceof Reply))
    return answer;
  throw new StrangeAnswer('a content is answered with an array of Replies');
}

/** A reply that refuses, or what the question asked for. */
export function refusalOr<T extends object>(answer: T | Reply): T | Reply {
  if (typeof answer !== 'object' || answer === null || (answer instanceof Reply && answer.positive))
    throw new StrangeAnswer('neither what was asked for, nor a Reply that refuses');
  return answer;
}
