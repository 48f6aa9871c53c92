// What the page takes from the browser, made fresh each time: none of these values is ever changed.
import { readAddress, type RiderAddress } from '../../model/rider-address.ts';

/** The present moment. */
export function present(): Date {
  return new Date();
}

/** What the address bar says. */
export function addressNow(): RiderAddress {
  return readAddress(new URL(location.href));
}

/** A query with what `write` puts into it. */
export function queryOf(write: (query: URLSearchParams) => void): URLSearchParams {
  const query = new URLSearchParams();
  write(query);
  return query;
}
