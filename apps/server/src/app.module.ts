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
  readonly scoring: ScoringServices;
  readonly desk: DeskServices;
  readonly health: Health;
  readonly document: OpenApiDocument;
}

@Module({})
export class AppModule {
  static with(services: AppServices): DynamicModule {
    return {
      module: AppModule,
      imports: [
        ScoringModule.with(services.scoring),
        DeskModule.with(services.desk),
        HealthModule.with(services.health),
        DevelopersModule.with(services.document),
      ],
    };
  }
}
