/** Remembered recipients: what a session need not look up twice, and what it must. */
import { RememberedRecipients } from '../../src/server/remembered-recipients.js';
import type { Mailbox } from '../../src/smtp/address.js';
import { AddressBook, person } from '../support/post-office.js';
import { assert, suite } from '../support/suite.js';

const mailbox = (localPart: string): Mailbox => ({
  localPart,
  domain: 'example.org',
  text: `${localPart}@example.org`,
});

/** An address book that counts how often it is asked, and a clock that is set. */
class Asked extends AddressBook {
  count = 0;
  now = 1_000_000;

  override resolve(name: { localPart: string; domain: string }) {
    this.count++;
    return super.resolve(name);
  }

  remembered() {
    return new RememberedRecipients(this, () => this.now);
  }
}

suite('remembered recipients', (test) => {
  test('a list of recipients is looked up for each mail of a second, or for the last one only', () => {
    const book = new Asked();
    for (let who = 0; who < 10; who++) book.set(`r${who}@example.org`, person(`r${who}`));
    const session = book.remembered();
    for (let mail = 0; mail < 3; mail++)
      for (let who = 0; who < 10; who++)
        assert.is(session.resolve(mailbox(`r${who}`))?.address, `r${who}@example.org`);
    assert.is(book.count, 10);
  });

  test('a key that is valid from this second on, or was revoked, is used as before', () => {
    const book = new Asked();
    const [first, second] = [person('ann'), person('bob')];
    book.set('ann@example.org', first);
    const session = book.remembered();
    assert.equal(session.resolve(mailbox('ann'))?.keys, [first]);
    book.set('ann@example.org', second);
    assert.equal(session.resolve(mailbox('ann'))?.keys, [second]);
    book.set('ann@example.org');
    assert.is(session.resolve(mailbox('ann')), undefined);
    book.set('ann@example.org', first);
    session.resolve(mailbox('ann'));
    const asked = book.count;
    book.now += 1000;
    session.resolve(mailbox('ann'));
    assert.is(book.count, asked + 1, 'dates are looked at in each second');
  });

  test('one session tells another by its speed who gets mail', () => {
    const book = new Asked();
    book.set('ann@example.org', person('ann'));
    book.remembered().resolve(mailbox('ann'));
    book.remembered().resolve(mailbox('ann'));
    assert.is(book.count, 2);
  });

  test('a session that names ever more recipients takes ever more memory, or an unknown one is remembered', () => {
    const book = new Asked();
    const key = person('ann');
    for (let who = 0; who < 40; who++) book.set(`r${who}@example.org`, key);
    const session = book.remembered();
    for (let round = 0; round < 2; round++)
      for (let who = 0; who < 40; who++) session.resolve(mailbox(`r${who}`));
    assert.is(book.count, 40 + 8);
    session.resolve(mailbox('nobody'));
    session.resolve(mailbox('nobody'));
    assert.is(book.count, 40 + 8 + 2);
  });
});
