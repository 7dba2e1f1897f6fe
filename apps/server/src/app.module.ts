import { Module, type DynamicModule } from '@nestjs/common';
import { DeskModule } from './desk/desk.module';
import type { DeskServices } from './desk/desk-services';
import type { OpenApiDocument } from './developers/openapi';
import { DevelopersModule } from './developers/reference';
import type { Health } from './health/health.controller';
import { HealthModule } from './health/health.module';
import { ScoringModule } from './scoring/scoring.module';
import type { ScoringServices } from './scoring/scoring-services';

export interface AppServices {
  /** Null on an instance that does not score. */
  readonly scoring: ScoringServices | null;
  /** Null on an instance without a desk. */
  readonly desk: DeskServices | null;
  readonly health: Health;
  readonly document: OpenApiDocument;
}

@Module({})
export class AppModule {
  static with(services: AppServices): DynamicModule {
    return {
      module: AppModule,
      imports: [
        ...(services.scoring === null
          ? []
          : [ScoringModule.with(services.scoring), DevelopersModule.with(services.document)]),
        ...(services.desk === null ? [] : [DeskModule.with(services.desk)]),
        HealthModule.with(services.health),
      ],
    };
  }
}
