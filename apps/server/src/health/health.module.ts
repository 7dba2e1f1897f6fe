import { Module, type DynamicModule } from '@nestjs/common';
import { HEALTH, HealthController, type Health } from './health.controller';

@Module({})
export class HealthModule {
  static with(health: Health): DynamicModule {
    return {
      module: HealthModule,
      controllers: [HealthController],
      providers: [{ provide: HEALTH, useValue: health }],
    };
  }
}
