/** The SMTP engine and server as a library, without the journal: what `import … from 'obalka/smtp'` gives. */
export { Problem } from '../core/errors.js';
export type { ConnectionLimits, NetworkEvent } from '../net/limits.js';
export { defaultConnectionLimits } from '../net/limits.js';
export type { ListenAddress } from '../net/listener.js';
export type { ServeOptions, SmtpServer } from '../net/serve-smtp.js';
export { serveSmtp } from '../net/serve-smtp.js';
export type { Mailbox, MailParameters, ReversePath } from '../smtp/address.js';
export type { Event, Question } from '../smtp/events.js';
export type { Answer, Client, Delivery, MailService, MailSession } from '../smtp/mail-service.js';
export type { Accept, IncomingMail, Receive } from '../smtp/receive-mail.js';
export { ContentBrokeOff, receiveMail } from '../smtp/receive-mail.js';
export { Reply, replies } from '../smtp/replies.js';
export { Session } from '../smtp/session.js';
export type { SessionLimits, SessionSettings } from '../smtp/settings.js';
export { defaultSessionLimits, sessionSettings } from '../smtp/settings.js';
