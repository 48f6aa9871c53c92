import type { Destination } from '../../geo/navlinks.ts';
import type { Station } from '../../model/city.ts';

/** Where navigation ends: at the door, where it is known. */
export function destinationOf(station: Station, city: string): Destination {
  return { name: station.name, at: station.entrance ?? station.location, city };
}
