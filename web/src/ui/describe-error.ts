import { ApiError } from '../api/http.ts';
import type { Params } from './i18n.ts';
import type { shared } from './messages.ts';

export interface Cause {
  key: keyof (typeof shared)['zh-CN'];
  params: Params;
}

/** The message that tells a reader why something failed. */
export function describeError(error: unknown): Cause {
  if (!(error instanceof ApiError)) return { key: 'errorUnknown', params: { detail: messageOf(error) } };
  switch (error.kind) {
    case 'offline':
      return { key: 'errorOffline', params: {} };
    case 'timeout':
      return { key: 'errorTimeout', params: {} };
    case 'broken':
      return { key: 'errorBroken', params: {} };
    case 'http':
      break;
  }
  if (error.status === 404) return { key: 'errorNotFound', params: {} };
  if (error.status >= 500) return { key: 'errorUnavailable', params: { status: String(error.status) } };
  return { key: 'errorRefused', params: { detail: detailOf(error) } };
}

function detailOf(error: ApiError): string {
  const fields = error.fields.map(({ location, message }) => `${location} ${message}`.trim());
  return fields.length > 0 ? fields.join('; ') : error.message;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
