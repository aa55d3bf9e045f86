export * from './account.ts';
export * from './api-key.ts';
export * from './common.ts';
export * from './email.ts';
export * from './error.ts';
export * from './provider.ts';
export * from './provider-connection.ts';
export * from './suppression.ts';
