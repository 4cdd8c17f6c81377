/** Events: everything that a running server may say, and what an operator does about it. spec/guide/troubleshooting.md shows this table. */

/** debug: each session and mail, only where it is asked for; info: as it should be; notice: worth a look. */
export type Level = 'error' | 'warning' | 'notice' | 'info' | 'debug';

export interface EventEntry {
  readonly level: Level;
  /** What happened, in words that are the same each time. */
  readonly words: string;
  /** What to do. */
  readonly mend: string;
}

/** The code of each is fixed: programs that watch a log go by it. */
export const events = {
  'accept-failed': {
    level: 'error',
    words: 'a connection could not be taken',
    mend: 'Mostly too few descriptors: raise the limit (`LimitNOFILE=`, `ulimit -n`).',
  },
  'application-failed': {
    level: 'error',
    words: 'the server failed over a session, whose client was told to try again',
    mend: 'A fault in obalka, or of the disk: look at the lines around it.',
  },
  'blocks-lost': {
    level: 'error',
    words: 'mail was begun in a segment that failed; its client was told to try again',
    mend: 'Look for the disk-failed line before it. Nothing that was acknowledged is lost.',
  },
  'certificate-expired': {
    level: 'warning',
    words: 'a certificate has expired: senders that verify it will not deliver',
    mend: 'Renew it. Certificates are counted in the order of `--tls-cert`.',
  },
  'certificate-made': {
    level: 'notice',
    words: 'made a certificate, which no client can verify; name a better one by --tls-cert',
    mend: 'Nothing for a trial. For an MX: a certificate for its host name.',
  },
  'certificates-kept': {
    level: 'error',
    words: 'certificates not read again, the old ones stay in use',
    mend: 'See that each file can be read, is in PEM form, and that keys stand in the order of certificates; then SIGHUP.',
  },
  'certificates-read': { level: 'info', words: 'certificates read again', mend: 'Nothing.' },
  'clock-ahead': {
    level: 'warning',
    words: 'the clock stands far ahead of the journal: nothing was dropped; see obalka retain',
    mend: 'Set the clock. If it is right: `obalka retain --force`.',
  },
  'configuration-kept': {
    level: 'error',
    words: 'configuration not read again, the old one stays in use',
    mend: '`obalka config check` shows what is wrong in it; then SIGHUP.',
  },
  'configuration-read': { level: 'info', words: 'configuration read again', mend: 'Nothing.' },
  'configuration-waits': {
    level: 'notice',
    words: 'a key of the configuration has changed that needs a restart',
    mend: 'Start the server anew when it suits.',
  },
  'connection-broken': {
    level: 'info',
    words: 'a connection ended in the middle',
    mend: 'Nothing, if it is seldom. Often: look at the network, or at a proxy with a short patience.',
  },
  'connection-capped': {
    level: 'warning',
    words: 'more connections than the limits allow: their clients were told to come later',
    mend: 'If the clients are wanted: raise `connections`, `connectionsPerNetwork` or `connectionsPerMinute` (`--set`).',
  },
  'connection-timed-out': {
    level: 'info',
    words: 'a client said nothing for too long',
    mend: 'Nothing, if it is seldom.',
  },
  'connection-too-slow': {
    level: 'info',
    words: 'a client sent its mail too slowly',
    mend: 'Nothing. For wanted clients on thin lines: `contentRate` (`--set`).',
  },
  'disk-failed': {
    level: 'error',
    words: 'the disk refused something that mail needs; clients were told to try again',
    mend: 'EIO: look at the disk, and run `obalka verify`. EROFS, EACCES, EPERM: see that the data directory can be written. EMFILE: more descriptors.',
  },
  'disk-full': {
    level: 'error',
    words: 'the disk is full: clients were told to try again',
    mend: 'Make room, or drop old mail: `obalka retain`.',
  },
  'early-talker-refused': {
    level: 'info',
    words: 'a client spoke before it was greeted',
    mend: 'Nothing. Clients that are wanted: `--neighbour` or `--early-talkers answer`.',
  },
  'guessing-slowed-down': {
    level: 'notice',
    words: 'a network asked for many addresses that take no mail, and is answered slowly',
    mend: 'Nothing. If it is a server of yours: `--neighbour`.',
  },
  'handshake-failed': {
    level: 'info',
    words: 'a TLS handshake failed',
    mend: 'Nothing, if it is seldom. Often: try `openssl s_client -starttls smtp`.',
  },
  'handshakes-capped': {
    level: 'warning',
    words: 'more TLS handshakes at a time than the limits allow',
    mend: 'If the clients are wanted: `handshakes`, `handshakesPerNetwork` (`--set`).',
  },
  'journal-changed': {
    level: 'error',
    words: 'the journal was changed while the server did not run: see obalka verify',
    mend: 'Run `obalka verify`, and find out who writes there.',
  },
  'key-gone': {
    level: 'warning',
    words: 'no signing key of this journal is here: a new lane begins',
    mend: 'Nothing. Put `signers` back, if it was not meant to be missing.',
  },
  'lane-copied': {
    level: 'notice',
    words: 'this data directory is a copy: a new lane begins',
    mend: 'Nothing. See that the original is not served besides.',
  },
  'lane-restored': {
    level: 'notice',
    words: 'this journal was restored: a new lane begins',
    mend: 'Nothing.',
  },
  'limits-kept': {
    level: 'error',
    words: 'address limits not read again, the old ones stay in use',
    mend: 'Mend the line that is named in the file of `--address-limits`.',
  },
  'limits-read': { level: 'info', words: 'address limits read again', mend: 'Nothing.' },
  'lists-kept': {
    level: 'error',
    words: 'lists not read again, the old ones stay in use',
    mend: 'Mend the line that is named in the file of `--allow` or `--deny`.',
  },
  'lists-read': { level: 'info', words: 'lists read again', mend: 'Nothing.' },
  'mail-failed': {
    level: 'error',
    words: 'mail could not be kept; clients were told to try again',
    mend: 'A fault in obalka: look at the lines around it, and run `obalka verify`.',
  },
  'manager-deaf': {
    level: 'warning',
    words: 'systemd cannot be told how it goes: there is no systemd-notify, or it fails',
    mend: 'Install the program `systemd-notify`; see that the unit has `NotifyAccess=all`.',
  },
  'nobody-registered': {
    level: 'warning',
    words: 'no address is registered: all mail will be refused',
    mend: '`obalka register ADDRESS --key FILE`.',
  },
  'old-dropped': { level: 'info', words: 'old segments were dropped', mend: 'Nothing: `--retain` says so.' },
  'old-kept': {
    level: 'error',
    words: 'old segments cannot be dropped',
    mend: 'See that the journal can be written; it is tried again with the next segment.',
  },
  'place-unwritten': {
    level: 'warning',
    words: 'the file "place" cannot be written',
    mend: 'See that the data directory can be written. Until then a copy, or segments that go missing, would not be noticed.',
  },
  'program-fault': {
    level: 'error',
    words: 'a fault in obalka: this process ends',
    mend: 'Tell its makers, with the whole line: it names places in the program, and nothing else.',
  },
  'proxy-header-refused': {
    level: 'warning',
    words: 'a proxy said nothing, or nothing good, of its client',
    mend: 'See that the proxy sends PROXY headers, and that `--proxy-from` names proxies only.',
  },
  'rules-kept': {
    level: 'error',
    words: 'address rules not read again, the old ones stay in use',
    mend: 'Mend the line that is named in `address-rules`.',
  },
  'rules-read': { level: 'info', words: 'address rules read again', mend: 'Nothing.' },
  'runtime-warning': {
    level: 'warning',
    words: 'node has a warning about the program',
    mend: 'Tell its makers, and the version of node.',
  },
  'segments-gone': {
    level: 'error',
    words: 'segments that were written are gone: a new lane begins; see obalka verify',
    mend: 'Run `obalka verify`; put them back with `obalka restore --from`.',
  },
  'worker-ended': {
    level: 'error',
    words: 'a worker ended; another one takes its place',
    mend: 'Look for a program-fault line before it, or whether the system ended it for want of memory.',
  },
  'worker-not-begun': {
    level: 'error',
    words: 'a worker cannot begin',
    mend: 'Look at the lines around it; it is tried again.',
  },
  'session-began': { level: 'debug', words: 'a session began', mend: '' },
  'session-over': { level: 'debug', words: 'a session is over', mend: '' },
  replied: { level: 'debug', words: 'a client was answered', mend: '' },
  'segment-begun': { level: 'debug', words: 'a segment was begun', mend: '' },
} as const satisfies Record<string, EventEntry>;

export type EventCode = keyof typeof events;
