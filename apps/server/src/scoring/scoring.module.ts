import { Module, type DynamicModule } from '@nestjs/common';
import { DecisionsController } from './decisions.controller';
import { LabelsController } from './labels.controller';
import { SCORING, type ScoringServices } from './scoring-services';

/** The merchant's side. */
@Module({})
export class ScoringModule {
  static with(services: ScoringServices): DynamicModule {
    return {
      module: ScoringModule,
      controllers: [DecisionsController, LabelsController],
      providers: [{ provide: SCORING, useValue: services }],
    };
  }
}
