import { ChecklistStore } from '../checklist/store';
import { Card, CardSkeleton } from '../checklist/card';
import { Blank } from '../ui/blank';
import { boot } from '../ui/boot';

void boot({
  texts: {
    ru: () => import('../i18n/ru/card_page').then((module) => module.messages),
    en: () => import('../i18n/en/card_page').then((module) => module.messages),
  },
  skeleton: () => (
    <div class="card">
      <CardSkeleton />
    </div>
  ),
  draw: ({ api, context }) =>
    context.dealId && context.dealId !== '0' ? (
      <Card store={new ChecklistStore(api, context.dealId)} />
    ) : (
      <main class="card">
        <Blank title="card.emptyTitle" body="card.newDealBody" />
      </main>
    ),
});
