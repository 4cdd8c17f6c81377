/** A lane under construction. */

import nacl from 'tweetnacl';
import { hex } from '../../src/core/bytes.js';
import { encodeHead } from './heads.js';
import type { Scene } from './scene.js';
import { Segment } from './segment.js';

export class Lane {
  id: Uint8Array;
  signer: nacl.SignKeyPair;
  readonly segments: Segment[] = [];
  /** Lines of its head, in place of the right ones. */
  lines: (lines: string[]) => string[] = (lines) => lines;

  constructor(readonly scene: Scene) {
    this.id = scene.chance(16);
    this.signer = nacl.sign.keyPair.fromSeed(scene.chance(32));
  }

  get folder(): string {
    return `lane-${hex(this.id)}`;
  }

  /** "lane 3f9a0c21": where a fault of the lane is. */
  get named(): string {
    return `lane ${hex(this.id).slice(0, 8)}`;
  }

  /** Begins the next segment, with channels to these owners. */
  segment(...owners: Parameters<Segment['channel']>[0][]): Segment {
    const last = this.segments.at(-1);
    return this.segmentOfNumber(last ? last.place.segment + 1 : 0, ...owners);
  }

  segmentOfNumber(number: number, ...owners: Parameters<Segment['channel']>[0][]): Segment {
    const place = { journal: this.scene.id, lane: this.id, segment: number, id: this.scene.chance(16) };
    const segment = new Segment(this.scene, this, place);
    this.segments.push(segment);
    for (const owner of owners) segment.channel(owner);
    return segment;
  }

  before(segment: Segment): Segment | undefined {
    return this.segments[this.segments.indexOf(segment) - 1];
  }

  write(files: Map<string, Uint8Array>): void {
    const lines = [
      'obalka lane 1',
      `journal ${hex(this.scene.id)}`,
      `lane ${hex(this.id)}`,
      `signer ${hex(this.signer.publicKey)}`,
    ];
    files.set(`${this.folder}/lane`, encodeHead(this.lines(lines), 512));
    for (const segment of this.segments) segment.write(files);
  }
}
