/** People: the identities of the vectors. A stranger is somebody who has channels here, and whose mail is not looked for. */
import { type Identity, identityOf } from '../../src/seal/keys.js';
import { chance } from './chance.js';

const person = (name: string): Identity => identityOf(chance(`identity of ${name}`)(32));

export const alice = person('alice');
export const bob = person('bob');
export const carol = person('carol');
export const stranger = person('a stranger');
