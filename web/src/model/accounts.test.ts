import { describe, expect, it } from 'vitest';
import { isWithin, may, ownPage, signInAddress, tokenState, type Session, type Token } from './accounts.ts';

function session(may: [string, string[]][]): Session {
  return { account: null, may: new Map(may), oidc: false };
}

describe('isWithin', () => {
  it.each([
    ['150702', '150700', true],
    ['150702001001', '150702', true],
    ['150702', '150702', true],
    ['150702', '150702001', false],
    ['150722', '150702', false],
    ['150702', '152500', false],
  ])('%s in %s: %s', (code, unit, within) => {
    expect(isWithin(code, unit)).toBe(within);
  });
});

describe('may', () => {
  const keeper = session([['stations.edit', ['150702']]]);
  it('holds below the units of the grant, and nowhere else', () => {
    expect(may(keeper, 'stations.edit', '150702001001')).toBe(true);
    expect(may(keeper, 'stations.edit', '150781001001')).toBe(false);
  });
  it('without a unit asks for any place', () => {
    expect(may(keeper, 'stations.edit')).toBe(true);
    expect(may(keeper, 'users.manage')).toBe(false);
    expect(may(undefined, 'stations.edit')).toBe(false);
  });
  it('is never true in a place for what is about oneself only', () => {
    expect(may(session([['account.own', []]]), 'account.own')).toBe(true);
    expect(may(session([['account.own', []]]), 'account.own', '150702')).toBe(false);
  });
});

describe('ownPage', () => {
  it.each(['/admin/', '/plan/?unit=150702', '/s/150702-0001'])('lets %s be', (path) => {
    expect(ownPage(path)).toBe(path);
  });
  it.each([
    null,
    '',
    'https://elsewhere.example',
    '//elsewhere.example',
    '/\\elsewhere.example',
    '/a b',
    '/login/',
  ])('does not go to %s', (path) => {
    expect(ownPage(path)).toBe('/plan/');
  });
  it('is what signInAddress asks for', () => {
    const address = new URL(
      signInAddress({ pathname: '/admin/', search: '?q=a&b=c' }, 'lang=en'),
      'http://here',
    );
    expect(address.searchParams.get('lang')).toBe('en');
    expect(ownPage(address.searchParams.get('return_to'))).toBe('/admin/?q=a&b=c');
  });
});

describe('tokenState', () => {
  const now = new Date('2026-11-24T00:00:00Z');
  const token = (expiresAt: string, revokedAt: Date | null = null) =>
    ({ expiresAt: new Date(expiresAt), revokedAt }) as Token;
  it('tells serving, expired and revoked apart', () => {
    expect(tokenState(token('2026-11-25T00:00:00Z'), now)).toBe('serving');
    expect(tokenState(token('2026-11-24T00:00:00Z'), now)).toBe('expired');
    expect(tokenState(token('2026-11-25T00:00:00Z', now), now)).toBe('revoked');
  });
});
