import { describe, expect, it } from 'vitest';
import type { Station } from '../model/city.ts';
import { patchOf } from './edits.ts';

const station: Station = {
  code: '150702-0001',
  name: '天润驿站',
  kind: 'union',
  sponsor: 'union',
  address: '',
  capacity: 10,
  openingHours: '24/7',
  status: 'active',
  community: '150702001001',
  microGrid: '150702001001019',
  services: [{ service: 'water', condition: 'working', confirmedAt: new Date('2026-01-01T00:00:00Z') }],
  confirmedAt: null,
  location: [119.7, 49.2],
  entrance: null,
  approximate: false,
  synthetic: true,
  version: 4,
};

describe('patchOf', () => {
  it('holds what is another, in the words of the server, and nothing else', () => {
    expect(patchOf(station, { ...station, openingHours: '', capacity: 12 })).toEqual({
      properties: { opening_hours: '', capacity: 12 },
    });
    expect(patchOf(station, { ...station, location: [119.71, 49.2] })).toEqual({
      geometry: { type: 'Point', coordinates: [119.71, 49.2] },
    });
    expect(patchOf(station, { ...station })).toEqual({});
  });
  it('sends a list whole, with times to the second', () => {
    const services = [
      ...station.services,
      {
        service: 'rest' as const,
        condition: 'limited' as const,
        confirmedAt: new Date('2026-11-24T01:02:03.456Z'),
      },
    ];
    expect(patchOf(station, { ...station, services })).toEqual({
      properties: {
        services: [
          { service: 'water', condition: 'working', confirmed_at: '2026-01-01T00:00:00Z' },
          { service: 'rest', condition: 'limited', confirmed_at: '2026-11-24T01:02:03Z' },
        ],
      },
    });
  });
});
