// Indicators and places: reading files, keeping layers, and what is in them.
import { boundsOf, type Bounds } from '../geo/bounds.ts';
import type {
  FigureTable,
  Indicator,
  IndicatorKind,
  IndicatorLevel,
  IndicatorValues,
  LayerList,
  PlaceLayer,
  PlaceLayerWithPlaces,
  PlaceTable,
} from '../model/indicator.ts';
import { parametersOf, type Question } from '../model/question.ts';
import { getJson, withQuery, type Query, type RequestOptions } from './http.ts';
import { send } from './send.ts';
import type {
  WireFigureTable,
  WireIndicator,
  WireIndicators,
  WirePlaceLayer,
  WirePlaceLayerHead,
  WirePlaceLayers,
  WirePlaceTable,
  WireRanking,
  WireValueAreas,
  WireValues,
} from './types.ts';

export async function listIndicators(options?: RequestOptions): Promise<LayerList<Indicator>> {
  const wire = await getJson<WireIndicators>('/api/indicators', options);
  return { layers: wire.indicators.map(indicatorOf), mayAdd: wire.may_add };
}

function headOf(wire: WireIndicator | WirePlaceLayerHead) {
  const { id, name, note, unit, synthetic, version } = wire;
  return {
    id,
    name,
    note,
    unit,
    synthetic,
    version,
    isPublic: wire.public,
    mayEdit: wire.may_edit,
    author: wire.author ?? null,
    createdAt: new Date(wire.created_at),
    updatedAt: new Date(wire.updated_at),
  };
}

function indicatorOf(wire: WireIndicator): Indicator {
  const { kind, level, measure, dates } = wire;
  return { ...headOf(wire), kind, level, measure, dates: dates.map(dateOf) };
}

function dateOf({ author, created_at, ...told }: WireIndicator['dates'][number]) {
  const { date, source, figures, weighs, sum } = told;
  return { date, source, figures, weighs, sum, author: author ?? null, addedAt: new Date(created_at) };
}

function address(id: string): string {
  return `/api/indicators/${encodeURIComponent(id)}`;
}

/** The figures of a day; of the latest without one. */
export async function getValues(
  id: string,
  date: string | null,
  options?: RequestOptions,
): Promise<IndicatorValues> {
  const wire = await getJson<WireValues>(withQuery(`${address(id)}/values`, { date }), options);
  return {
    indicator: indicatorOf(wire.indicator),
    ...dateOf(wire),
    units: wire.values.map(({ unit, name, name_en, value }) => ({
      code: unit,
      name,
      nameEn: name_en,
      value,
    })),
  };
}

/** The address of the figures of a day as a file. */
export function valuesFile(id: string, date: string, format: 'excel-csv' | 'xlsx' | 'geojson'): string {
  return withQuery(`${address(id)}/values`, { date, format });
}

/** The outline of a unit, coarse enough to be drawn far out. */
export interface UnitArea {
  code: string;
  outline: number[][][][];
  bounds: Bounds;
}

/** Outlines of the units of an indicator. */
export async function getAreas(id: string, options?: RequestOptions): Promise<UnitArea[]> {
  const query = { format: 'geojson', tolerance_m: 200 };
  const wire = await getJson<WireValueAreas>(withQuery(`${address(id)}/values`, query), options);
  return wire.features.flatMap(({ id: code, geometry }) => {
    const outline = (geometry?.coordinates ?? []) as number[][][][];
    const bounds = boundsOf(outline);
    return bounds ? [{ code, outline, bounds }] : [];
  });
}

/** Which share of the households of each unit of a level is covered; null where nobody lives. */
export async function coverageShares(
  question: Question,
  level: IndicatorLevel,
  within: string | null,
  options?: RequestOptions,
): Promise<Map<string, number | null>> {
  const query = { ...parametersOf(question), level, within };
  const wire = await getJson<WireRanking>(withQuery('/api/coverage/ranking', query), options);
  return new Map(wire.units.map(({ code, share }) => [code, share]));
}

export interface FigureQuestion {
  level?: IndicatorLevel | undefined;
  sheet?: string | undefined;
  /** The letters of columns that somebody chose. */
  columns: Readonly<Record<string, string>>;
}

export async function readFigures(
  file: Blob,
  question: FigureQuestion,
  signal?: AbortSignal,
): Promise<FigureTable> {
  const { level, sheet, columns } = question;
  const wire = await sendFile<WireFigureTable>(
    '/api/indicators/read',
    { level, sheet, ...columns },
    file,
    signal,
  );
  return wire;
}

async function sendFile<T>(path: string, query: Query, file: Blob, signal?: AbortSignal): Promise<T> {
  const contentType = 'application/octet-stream';
  const { value } = await send<T>(withQuery(path, query), {
    method: 'POST',
    body: file,
    contentType,
    signal,
  });
  return value;
}

export interface FigureDraft {
  date: string;
  source: string;
  values: readonly { unit: string; value: number }[];
}

export interface IndicatorDraft extends FigureDraft {
  name: string;
  note: string;
  unit: string;
  kind: IndicatorKind;
  level: IndicatorLevel;
  measure: string;
  isPublic: boolean;
}

export async function createIndicator({ isPublic, ...draft }: IndicatorDraft): Promise<Indicator> {
  const body = { ...draft, public: isPublic };
  return indicatorOf((await send<WireIndicator>('/api/indicators', { method: 'POST', body })).value);
}

/** Adds the figures of another day; those of other days stay. */
export async function addDate({ id, version }: Indicator, draft: FigureDraft): Promise<Indicator> {
  const { date, ...body } = draft;
  const path = `${address(id)}/dates/${encodeURIComponent(date)}`;
  const { value } = await send<WireIndicator>(path, { method: 'PUT', body, ifMatch: `"${String(version)}"` });
  return indicatorOf(value);
}

export async function deleteIndicator({ id, version }: Indicator): Promise<void> {
  await send(address(id), { method: 'DELETE', ifMatch: `"${String(version)}"` });
}

export async function listPlaceLayers(options?: RequestOptions): Promise<LayerList<PlaceLayer>> {
  const wire = await getJson<WirePlaceLayers>('/api/places', options);
  return { layers: wire.layers.map(placeLayerOf), mayAdd: wire.may_add };
}

function placeLayerOf(wire: WirePlaceLayerHead): PlaceLayer {
  const { source, date, count } = wire;
  return { ...headOf(wire), source, date, count };
}

export async function getPlaceLayer(id: string, options?: RequestOptions): Promise<PlaceLayerWithPlaces> {
  const wire = await getJson<WirePlaceLayer>(`/api/places/${encodeURIComponent(id)}`, options);
  return {
    ...placeLayerOf(wire),
    places: wire.places.map(({ location, ...place }) => ({ ...place, at: location })),
  };
}

/** The address of a layer as a file. */
export function placesFile(id: string, format: 'excel-csv' | 'xlsx' | 'geojson'): string {
  return withQuery(`/api/places/${encodeURIComponent(id)}`, { format });
}

export const DATUMS = ['wgs84', 'gcj02', 'bd09'] as const;
export type Datum = (typeof DATUMS)[number];

export async function readPlaces(
  file: Blob,
  datum: Datum,
  columns: Readonly<Record<string, string>>,
  signal?: AbortSignal,
): Promise<PlaceTable> {
  const { rows, ...reading } = await sendFile<WirePlaceTable>(
    '/api/places/read',
    { datum, ...columns },
    file,
    signal,
  );
  return {
    ...reading,
    places: rows.map(({ row, name, kind, note, location }) => ({
      row,
      name,
      kind: kind ?? '',
      note: note ?? '',
      at: location,
    })),
  };
}

export interface PlaceDraft {
  name: string;
  note: string;
  unit: string;
  source: string;
  date: string;
  isPublic: boolean;
  places: PlaceTable['places'];
}

function placeBody({ isPublic, places, ...draft }: PlaceDraft) {
  return {
    ...draft,
    public: isPublic,
    places: places.map(({ name, kind, note, at }) => ({ name, kind, note, location: at })),
  };
}

export async function createPlaceLayer(draft: PlaceDraft): Promise<PlaceLayer> {
  const body = placeBody(draft);
  return placeLayerOf((await send<WirePlaceLayer>('/api/places', { method: 'POST', body })).value);
}

/** Puts other places, and what is said of them, in the place of those of a layer. */
export async function replacePlaceLayer({ id, version }: PlaceLayer, draft: PlaceDraft): Promise<PlaceLayer> {
  const path = `/api/places/${encodeURIComponent(id)}`;
  const options = { method: 'PUT', body: placeBody(draft), ifMatch: `"${String(version)}"` } as const;
  return placeLayerOf((await send<WirePlaceLayer>(path, options)).value);
}

export async function deletePlaceLayer({ id, version }: PlaceLayer): Promise<void> {
  const path = `/api/places/${encodeURIComponent(id)}`;
  await send(path, { method: 'DELETE', ifMatch: `"${String(version)}"` });
}
