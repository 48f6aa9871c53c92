// The colours of the map by day and by night. Land is pale so that data stands out.

export type MapTheme = 'day' | 'night';

export interface Palette {
  outside: string;
  land: string;
  urban: string;
  water: string;
  waterText: string;
  road: string;
  rail: string;
  border: string;
  cityBorder: string;
  countryBorder: string;
  gridLine: string;
  gridHover: string;
  label: string;
  labelQuiet: string;
  halo: string;
  station: string;
  stationIdle: string;
  stationRing: string;
  scene: string;
  selected: string;
  selectedHalo: string;
  sketchLine: string;
  fault: string;
  position: string;
}

export const PALETTES: Readonly<Record<MapTheme, Palette>> = {
  day: {
    outside: '#e2e8e5',
    land: '#f8f7f2',
    urban: '#ebe5d8',
    water: '#bcd6e2',
    waterText: '#3a6479',
    road: '#d6cdb9',
    rail: '#b3bab5',
    border: '#8c9c96',
    cityBorder: '#46605a',
    countryBorder: '#7d7468',
    gridLine: '#9aa9a3',
    gridHover: '#12201e',
    label: '#22332f',
    labelQuiet: '#50615c',
    halo: '#fbfaf6',
    station: '#075e59',
    stationIdle: '#7c8a86',
    stationRing: '#ffffff',
    scene: '#b06a00',
    selected: '#0a6d67',
    selectedHalo: '#ffffff',
    sketchLine: '#5d6f69',
    fault: '#8c2318',
    position: '#0b57d0',
  },
  night: {
    outside: '#0a100f',
    land: '#151d1c',
    urban: '#222c2a',
    water: '#1a3242',
    waterText: '#7fa9bf',
    road: '#3b4744',
    rail: '#36413e',
    border: '#53645f',
    cityBorder: '#8ba39c',
    countryBorder: '#7a7266',
    gridLine: '#4b5a56',
    gridHover: '#f2f7f5',
    label: '#dfe8e5',
    labelQuiet: '#a5b5b0',
    halo: '#0f1615',
    station: '#62cdc2',
    stationIdle: '#7c8a86',
    stationRing: '#0d1413',
    scene: '#f0b35a',
    selected: '#74ded3',
    selectedHalo: '#06100f',
    sketchLine: '#93a7a1',
    fault: '#ffb3a6',
    position: '#9cc4ff',
  },
};
