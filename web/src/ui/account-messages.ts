import { catalog } from './i18n.ts';

/** What the shared components say about who is signed in. */
export const accountMessages = catalog(
  {
    admin: '管理',
    signIn: '登录',
    signOut: '退出登录',
    account: '账号',
    signedInAs: '已登录：{name}',
    viewer: '查看员',
    station_keeper: '驿站管理员',
    planner: '网格规划员',
    reviewer: '审核员',
    analyst: '分析员',
    adminRole: '管理员',
    signOutFailed: '没有退出，请再试一次。',
    signInTo: '登录后可{what}',
    accountMayNot: '这个账号不能{what}',
  },
  {
    admin: 'Admin',
    signIn: 'Sign in',
    signOut: 'Sign out',
    account: 'Account',
    signedInAs: 'Signed in as {name}',
    viewer: 'Viewer',
    station_keeper: 'Station keeper',
    planner: 'Planner',
    reviewer: 'Reviewer',
    analyst: 'Analyst',
    adminRole: 'Administrator',
    signOutFailed: 'Still signed in. Try again.',
    signInTo: 'Sign in to {what}',
    accountMayNot: 'This account may not {what}',
  },
);
