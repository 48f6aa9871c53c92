import type { Destination } from '../../geo/navlinks.ts';
import type { City, Station } from '../../model/city.ts';

const defaultCity = '呼伦贝尔市';

/** Where navigation ends: at the door, where it is known. */
export function destinationOf(station: Station, city: City | undefined): Destination {
  return { name: station.name, at: station.entrance ?? station.location, city: cityName(city) };
}

/** The city by name, also before the server has told it. */
export function cityName(city: City | undefined): string {
  return city?.name ?? defaultCity;
}
