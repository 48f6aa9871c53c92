// Two maps that show the same place: whichever moves, the other follows.
import type { CityMap } from '../../map/map.ts';

/** Keeps the maps together from now on; the second begins where the first is. */
export function moveTogether(first: CityMap, second: CityMap): void {
  let leading: CityMap | null = null;
  const lead = (leader: CityMap, follower: CityMap) => {
    leader.onCamera((camera) => {
      if (leading === follower) return; // it moves because the other does
      leading = leader;
      follower.follow(camera);
      leading = null;
    });
  };
  second.follow(first.camera());
  lead(first, second);
  lead(second, first);
}
