import { describe, expect, it } from 'vitest';
import {
  ancestorsOf,
  levelOf,
  parentOf,
  searchUnits,
  treeAction,
  visibleRows,
  type Branch,
  type UnitNode,
} from './units.ts';

const unit = (code: string, name: string, nameEn = ''): UnitNode => ({
  code,
  level: levelOf(code),
  name,
  nameEn,
});
const hailar = unit('150702', '海拉尔区', 'Hailar');
const manzhouli = unit('150781', '满洲里市', 'Manzhouli');
const street = unit('150702001', '正阳街道');
const tianrun = unit('150702001001', '天润社区');
const hailarVillage = unit('150724100200', '海拉尔村');

describe('codes', () => {
  it('tell level and ancestors', () => {
    expect(levelOf('150700')).toBe('city');
    expect([hailar, street, tianrun].map(({ level }) => level)).toEqual(['banner', 'township', 'community']);
    expect(ancestorsOf(tianrun.code)).toEqual(['150702', '150702001']);
    expect(parentOf(tianrun.code)).toBe(street.code);
    expect(parentOf(hailar.code)).toBeNull();
  });
});

describe('searchUnits', () => {
  const all = [tianrun, street, hailarVillage, hailar, manzhouli];
  const codes = (words: string) => searchUnits(all, words).map(({ code }) => code);

  it('puts the higher unit first among equals', () => {
    expect(codes('海拉尔')).toEqual([hailar.code, hailarVillage.code]);
  });
  it('finds inside a name, by code and by English', () => {
    expect(codes('润')).toEqual([tianrun.code]);
    expect(codes('150702')).toEqual([hailar.code, street.code, tianrun.code]);
    expect(codes(' MANZ ')).toEqual([manzhouli.code]);
  });
  it('finds nothing for nothing', () => {
    expect(codes('  ')).toEqual([]);
    expect(codes('zzz')).toEqual([]);
  });
  it('keeps to its limit', () => {
    expect(searchUnits(all, '1507', 2)).toHaveLength(2);
  });
});

describe('the tree', () => {
  const branches = new Map<string, Branch<UnitNode>>([
    [hailar.code, { status: 'ready', units: [street] }],
    [street.code, { status: 'ready', units: [tianrun] }],
    [manzhouli.code, { status: 'loading' }],
  ]);
  const open = (...codes: string[]) => visibleRows([hailar, manzhouli], branches, new Set(codes));

  it('shows what is open, with depth and place', () => {
    const rows = open(hailar.code, street.code);
    expect(rows.map(({ node }) => node.code)).toEqual([
      hailar.code,
      street.code,
      tianrun.code,
      manzhouli.code,
    ]);
    expect(rows.map(({ depth }) => depth)).toEqual([1, 2, 3, 1]);
    expect(rows.at(-1)).toMatchObject({ position: 2, siblings: 2, parent: null, expanded: false });
    expect(rows[2]).toMatchObject({ expanded: null, parent: street.code });
  });

  it('hides what is below a closed unit, open or not', () => {
    expect(open(street.code)).toHaveLength(2);
  });

  it('answers the keys of a tree', () => {
    const rows = open(hailar.code);
    expect(treeAction(rows, hailar.code, 'ArrowDown')).toEqual({ kind: 'focus', code: street.code });
    expect(treeAction(rows, hailar.code, 'ArrowUp')).toBeNull();
    expect(treeAction(rows, hailar.code, 'ArrowRight')).toEqual({ kind: 'focus', code: street.code });
    expect(treeAction(rows, hailar.code, 'ArrowLeft')).toEqual({ kind: 'collapse', code: hailar.code });
    expect(treeAction(rows, street.code, 'ArrowRight')).toEqual({ kind: 'expand', code: street.code });
    expect(treeAction(rows, street.code, 'ArrowLeft')).toEqual({ kind: 'focus', code: hailar.code });
    expect(treeAction(rows, street.code, 'Home')).toEqual({ kind: 'focus', code: hailar.code });
    expect(treeAction(rows, street.code, 'End')).toEqual({ kind: 'focus', code: manzhouli.code });
    expect(treeAction(rows, street.code, 'Enter')).toEqual({ kind: 'select', code: street.code });
    expect(treeAction(rows, street.code, 'x')).toBeNull();
    expect(treeAction(rows, 'gone', 'Enter')).toBeNull();
  });

  it('stays put on an open unit whose parts are not there yet', () => {
    expect(treeAction(open(manzhouli.code), manzhouli.code, 'ArrowRight')).toBeNull();
  });
});
