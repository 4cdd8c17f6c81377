/** Yes: what a session replies where the application has nothing against it. */
import type { Question } from './events.js';
import { type Reply, replies } from './replies.js';
import type { SessionSettings } from './settings.js';

export function yes(question: Question, settings: SessionSettings, secured: boolean): Reply {
  switch (question.type) {
    case 'connect':
      return settings.greeting;
    case 'hello':
      if (!question.extended) return settings.helo;
      return secured ? settings.securedEhlo : settings.ehlo;
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
