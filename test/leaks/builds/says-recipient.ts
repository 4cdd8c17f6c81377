/** A leaky build, in place of server/intake: whoever gets mail is said in the log. */
import { type IntakeOptions, intake as sound } from '../../../src/server/intake.js';
import type { MailService } from '../../../src/smtp/mail-service.js';

export * from '../../../src/server/intake.js';

export function intake(options: IntakeOptions): MailService {
  const { recipients } = options;
  return sound({
    ...options,
    recipients: {
      get version() {
        return recipients.version;
      },
      resolve: (mailbox) => {
        // The log has no room for it.
        process.stderr.write(`obalka: mail for ${mailbox.localPart}@${mailbox.domain}\n`);
        return recipients.resolve(mailbox);
      },
    },
  });
}
