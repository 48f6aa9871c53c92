import type { Role, Scope } from '../../model/accounts.ts';
import { accountMessages } from '../../ui/account-messages.ts';
import { translate, type Lang } from '../../ui/i18n.ts';
import type { users } from './users-messages.ts';

/** A role by name. */
export function roleName(role: Role, lang: Lang): string {
  return translate(accountMessages, lang, role === 'admin' ? 'adminRole' : role);
}

/** The message that names a scope. */
export function scopeKey(scope: Scope): keyof (typeof users)['en'] {
  return scope === 'admin' ? 'adminScope' : scope;
}
