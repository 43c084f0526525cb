import type { Problem } from '../api/types';
import type { MessageKey } from '../i18n/keys';
import { t } from '../i18n/translate';
import { errorsAmong } from './model';

/** Problems beside the thing that they are about. */
export function ProblemLines({ problems }: { problems: Problem[] }) {
  return (
    <>
      {problems.map((problem) => (
        <p key={problem.path + problem.code} class={problem.severity === 'warning' ? 'problem small' : 'problem error small'}>
          {problem.sentence}
        </p>
      ))}
    </>
  );
}

/** All problems in one list, errors first. */
export function ProblemList({ title, problems }: { title: MessageKey; problems: Problem[] }) {
  if (!problems.length) return null;
  const errors = errorsAmong(problems);
  const ordered = [...errors, ...problems.filter((problem) => !errors.includes(problem))];
  return (
    <details class="problems" open={errors.length > 0}>
      <summary>{`${t(title)} · ${String(problems.length)}`}</summary>
      <ul>
        {ordered.map((problem) => (
          <li key={problem.path + problem.code}>
            <b class={errors.includes(problem) ? 'tag error' : 'tag'}>
              {t(errors.includes(problem) ? 'editor.problemError' : 'editor.problemWarning')}
            </b>
            <span>{problem.sentence}</span>
          </li>
        ))}
      </ul>
    </details>
  );
}
