/** A leaky build, in place of server/notice-writer: where nobody is to be told of a change of keys, nothing is written. */
import { noticeOfChange } from '../../../src/server/notice.js';
import {
  type NoticeWriter,
  type NoticeWriterOptions,
  noticeWriter as sound,
} from '../../../src/server/notice-writer.js';

export function noticeWriter(options: NoticeWriterOptions): NoticeWriter {
  const { now, hostname } = options;
  const { tell } = sound(options);
  return {
    tell: async (changes) =>
      changes.some((change) => noticeOfChange(change, { now: now(), hostname, id: '' })) ? tell(changes) : 0,
  };
}
