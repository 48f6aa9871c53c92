import { catalog } from '../../ui/i18n.ts';

/** Why the server refuses staff. */
export const failures = catalog(
  {
    signIn: '登录已结束，请重新登录。',
    forbidden: '你的账号在这里没有这个权限。',
    conflict: '与现有内容冲突，没有改动：{detail}',
    tooMany: '请求太频繁，请稍后再试。',
  },
  {
    signIn: 'You are no longer signed in. Sign in again.',
    forbidden: 'Your account may not do this here.',
    conflict: 'It does not fit what is there, and nothing was changed: {detail}',
    tooMany: 'That was too often. Try again in a while.',
  },
);
