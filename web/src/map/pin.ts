// A pin that is dragged with a pointer or moved with the arrow keys.
import { Marker, type Map as MapLibre } from 'maplibre-gl';
import type { LngLat } from '../geo/distance.ts';

/** How a pin looks and what it is called. */
export interface PinLook {
  label: string;
  /** A new one has a plus in it. */
  kind?: 'plain' | 'new';
  /** Whether it is the one that is worked on. */
  chosen?: boolean;
  /** A click or Enter, for pins that can be chosen. */
  onChoose?: () => void;
}

export interface Pin {
  moveTo(at: LngLat): void;
  relabel(label: string): void;
  /** Marks the pin as the one that is worked on. */
  choose(chosen: boolean): void;
  remove(): void;
}

const metreOfLatitude = 1 / 111_320; // degrees, near enough for a nudge
const steps: Readonly<Record<string, readonly [east: number, north: number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, 1],
  ArrowDown: [0, -1],
};

/** Puts a pin on the map. */
export function placePin(map: MapLibre, at: LngLat, look: PinLook, onMove: (at: LngLat) => void): Pin {
  const element = pinElement(look);
  const marker = new Marker({ element, draggable: true, anchor: 'bottom' }).setLngLat([...at]).addTo(map);
  marker.on('dragend', () => {
    const { lng, lat } = marker.getLngLat();
    onMove([lng, lat]);
  });
  element.addEventListener('keydown', (event) => {
    const step = steps[event.key];
    if (!step) return;
    event.preventDefault();
    event.stopPropagation(); // the map itself pans at these keys
    const length = (event.shiftKey ? 10 : 1) * metreOfLatitude;
    const { lng, lat } = marker.getLngLat();
    const moved: LngLat = [
      lng + (step[0] * length) / Math.cos((lat * Math.PI) / 180),
      lat + step[1] * length,
    ];
    marker.setLngLat([...moved]);
    onMove(moved);
  });
  // A click on the pin is not a click on the map below it.
  element.addEventListener('click', (event) => {
    event.stopPropagation();
    look.onChoose?.();
  });
  return {
    moveTo(to) {
      marker.setLngLat([...to]);
    },
    relabel(text) {
      element.setAttribute('aria-label', text);
    },
    choose(chosen) {
      element.classList.toggle('map-pin-chosen', chosen);
    },
    remove() {
      marker.remove();
    },
  };
}

function pinElement({ label, kind = 'plain', chosen = false }: PinLook): HTMLElement {
  const element = document.createElement('button');
  element.type = 'button';
  element.className = ['map-pin', `map-pin-${kind}`, ...(chosen ? ['map-pin-chosen'] : [])].join(' ');
  element.setAttribute('aria-label', label);
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  svg.setAttribute('viewBox', '0 0 24 32');
  svg.setAttribute('aria-hidden', 'true');
  const path = document.createElementNS('http://www.w3.org/2000/svg', 'path');
  path.setAttribute('d', 'M12 31C8 24 2 18.5 2 11.5a10 10 0 0 1 20 0C22 18.5 16 24 12 31z');
  svg.append(path, kind === 'new' ? plusShape() : holeShape());
  element.append(svg);
  return element;
}

function holeShape(): SVGElement {
  const hole = document.createElementNS('http://www.w3.org/2000/svg', 'circle');
  for (const [name, value] of Object.entries({ cx: '12', cy: '11.5', r: '4' }))
    hole.setAttribute(name, value);
  return hole;
}

function plusShape(): SVGElement {
  const plus = document.createElementNS('http://www.w3.org/2000/svg', 'path');
  plus.setAttribute('class', 'map-pin-plus');
  plus.setAttribute('d', 'M12 6.5v10M7 11.5h10');
  return plus;
}
