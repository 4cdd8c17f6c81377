/** Limits of a process, and what the unit of the service says, as the system shows them. */
import type { Machine } from './machine.js';

/** The unit as `obalka service` writes it. */
const unitFile = '/etc/systemd/system/obalka.service';

export interface Limit {
  readonly soft: number;
  readonly hard: number;
}

/** A limit of a process, or of this one; undefined where the system does not say. Unlimited is infinite. */
export async function limitOf(
  machine: Machine,
  pid: number | undefined,
  name: string,
): Promise<Limit | undefined> {
  const text = await machine.text(`/proc/${pid ?? 'self'}/limits`);
  const line = text?.split('\n').find((one) => one.startsWith(`${name} `));
  const [soft, hard] = line?.slice(name.length).trim().split(/ +/) ?? [];
  return soft === undefined || hard === undefined
    ? undefined
    : { soft: numberOf(soft), hard: numberOf(hard) };
}

function numberOf(word: string): number {
  return word === 'unlimited' ? Number.POSITIVE_INFINITY : Number(word);
}

export async function hasUnit(machine: Machine): Promise<boolean> {
  return (await machine.text(unitFile)) !== undefined;
}

/** What the unit of the service says, if it is installed. */
export async function unitValue(machine: Machine, name: string): Promise<string | undefined> {
  const text = await machine.text(unitFile);
  return new RegExp(`^${name}=(.*)$`, 'm').exec(text ?? '')?.[1];
}
