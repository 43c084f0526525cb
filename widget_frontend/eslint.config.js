import tseslint from 'typescript-eslint';

const hostGlobals = ['AMOCRM', 'APP', 'BX24', 'BX'].map((name) => ({
  name,
  message: 'Only src/host knows what page is around us: ask the HostBridge.',
}));

export default tseslint.config(
  { ignores: ['node_modules', 'src/api/schema.ts'] },
  ...tseslint.configs.strict,
  ...tseslint.configs.stylistic,
  {
    rules: {
      'max-lines': ['error', { max: 250, skipBlankLines: true, skipComments: true }],
      'max-lines-per-function': ['error', { max: 60, skipBlankLines: true, skipComments: true }],
      eqeqeq: 'error',
      'no-console': 'error',
      'no-restricted-globals': ['error', ...hostGlobals],
      'no-restricted-properties': [
        'error',
        { property: 'innerHTML', message: 'Text nodes only: foreign words are never markup.' },
        { property: 'dangerouslySetInnerHTML', message: 'Text nodes only: foreign words are never markup.' },
        { object: 'window', property: 'localStorage', message: 'Nothing is kept in the browser.' },
      ],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
    },
  },
  { files: ['src/host/**'], rules: { 'no-restricted-globals': 'off' } },
  { files: ['**/*.test.{ts,tsx}', 'src/testing/**'], rules: { 'max-lines-per-function': 'off' } },
);
