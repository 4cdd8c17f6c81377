/** All receivers, in the order of the table. */
import type { Peer } from './peer.js';
import { engine, engineSeals, engineSyncs } from './peers/engine.js';
import { haraka } from './peers/haraka.js';
import { obalka, obalkaWorkers } from './peers/obalka.js';
import { postfixDovecot } from './peers/postfix-dovecot.js';
import { smtpServer, smtpServerMaildir, smtpServerOpenPgp } from './peers/smtp-server.js';
import { smtpSink } from './peers/smtp-sink.js';

/** `folder`: where openpgp and Haraka are installed. */
export const allPeers = (folder: string | undefined): readonly Peer[] => [
  obalka,
  obalkaWorkers,
  engineSyncs,
  postfixDovecot,
  smtpServerOpenPgp(folder),
  smtpServerMaildir,
  haraka(folder),
  engineSeals,
  smtpServer,
  engine,
  smtpSink,
];
